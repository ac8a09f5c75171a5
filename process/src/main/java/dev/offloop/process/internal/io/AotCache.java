package dev.offloop.process.internal.io;

import dev.offloop.process.internal.util.Log;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a JVM remembers of the start of another, so that workers need not load and link their first classes anew.
 *
 * <p><b>Whose it is.</b> A JVM runs what is in the file, so it lies in a folder that only this user may write to, and
 * is never taken from anywhere else. Its name is made of all that has to be the same: the JDK, its arguments, and the
 * jars with their sizes and times. A JVM that finds the file unfit starts without it; should one not start at all, the
 * pool goes on without.
 *
 * <p><b>Who makes it.</b> The first pool that misses it starts a
 * {@link dev.offloop.process.internal.worker.AotCacheMaker process} that outlives the pool if need be, tries once an
 * hour at most, and puts the whole file in its place in one step. Pools never wait for it.
 */
public final class AotCache {

    private static final String MAKER = "dev.offloop.process.internal.worker.AotCacheMaker";
    private static final String TRAINING = "dev.offloop.process.internal.worker.WorkerTraining";
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofHours(1);

    /** Arguments beside which a JVM does not use a cache: others of the same kind, and the agent of a debugger. */
    private static final List<String> RIVALS = List.of(
            "-Xshare",
            "-XX:AOT",
            "-XX:SharedArchive",
            "-XX:SharedClassList",
            "-XX:DumpLoaded",
            "-XX:ArchiveClasses",
            "-agentlib:jdwp",
            "-Xrunjdwp");

    private static final List<String> FILES = List.of("@", "-XX:Flags=", "-XX:VMOptionsFile=");

    private final Path folder;
    private final Path file;
    private final CommandLine command;
    private volatile boolean unfit;
    private volatile boolean asked;

    private AotCache(Path folder, String name, CommandLine command) {
        this.folder = folder;
        this.file = folder.resolve(name);
        this.command = command;
    }

    /** {@code offloop} in the user's cache folder; null if there is none. */
    static @Nullable Path defaultFolder() {
        String caches = System.getenv("XDG_CACHE_HOME");
        if (caches != null && Path.of(caches).isAbsolute()) {
            return Path.of(caches, "offloop");
        }
        Path home = Path.of(System.getProperty("user.home", "."));
        return home.isAbsolute() && Files.isWritable(home)
                ? home.resolve(".cache").resolve("offloop")
                : null;
    }

    /** Whether an argument of the user's and a cache cannot be had together. */
    static boolean forbids(String argument) {
        return RIVALS.stream().anyMatch(argument.replace("-XX:+", "-XX:")::startsWith) || isFile(argument);
    }

    /** The cache for workers of this command; null if there can be none. */
    static @Nullable AotCache of(CommandLine command, Path folder) {
        if (command.launch() instanceof CommandLine.Launch.OfSpringBoot) {
            return null;
        }
        try {
            return new AotCache(folder.toAbsolutePath(), nameOf(command) + ".aot", command);
        } catch (IOException notOnlyJars) {
            return null;
        }
    }

    /** Whether an argument names a file of arguments. */
    static boolean isFile(String argument) {
        return FILES.stream().anyMatch(argument::startsWith);
    }

    private static String nameOf(CommandLine command) throws IOException {
        var all = new StringBuilder();
        all.append(command.java())
                .append('\n')
                .append(Runtime.version())
                .append(System.getProperty("java.vendor"))
                .append(System.getProperty("os.arch"))
                .append('\n')
                .append(command.ours())
                .append('\n')
                .append(command.launch());
        appendJars(all, command.paths().classes());
        appendJars(all, command.paths().modules());
        return Long.toHexString(hash(all, 31)) + Long.toHexString(hash(all, 1_000_003));
    }

    /**
     * No digest of a library: there is nothing to gain by a collision, since the JVM checks the file itself, and
     * loading one takes too long.
     */
    private static long hash(CharSequence text, long factor) {
        return text.chars().asLongStream().reduce(7, (hash, c) -> hash * factor + c);
    }

    private static void appendJars(StringBuilder all, String path) throws IOException {
        for (String entry : path.split(File.pathSeparator, -1)) {
            if (!entry.isEmpty()) {
                BasicFileAttributes jar = Files.readAttributes(Path.of(entry), BasicFileAttributes.class);
                if (!jar.isRegularFile()) {
                    throw new IOException(entry + " is no jar");
                }
                all.append('\n')
                        .append(Path.of(entry).toAbsolutePath())
                        .append(' ')
                        .append(jar.size())
                        .append(' ')
                        .append(jar.lastModifiedTime().toMillis());
            }
        }
    }

    /** What makes a worker use it, if it is there. */
    List<String> arguments() {
        if (unfit || !Files.isRegularFile(file) || !isOursAlone(folder)) {
            return List.of();
        }
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now())); // the maker removes what is not used
        } catch (IOException notNow) {
            // then it may be made again some day
        }
        return List.of("-XX:AOTCache=" + file, "-Xlog:aot=off", "-Xlog:cds=off");
    }

    /** A worker did not start with it: no worker tries again. */
    void remove() {
        unfit = true;
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // this pool does without, at least
        }
    }

    /** Lets it be made, unless it is there or was tried lately. Returns at once. */
    void makeIfMissing() {
        if (!asked) {
            asked = true;
            if (!Files.exists(file)) {
                Thread.ofPlatform().daemon().name("offloop-aot-cache").start(this::make);
            }
        }
    }

    private void make() {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (isOursAlone(folder) && claim(folder.resolve(file.getFileName() + ".tried"))) {
                startMaker();
            }
        } catch (IOException | RuntimeException | Error e) { // no folder for it, no POSIX, no process
            Log.OFFLOOP.log(System.Logger.Level.DEBUG, "No AOT cache is made for worker processes", e);
        }
    }

    private void startMaker() throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        List<String> maker = new ArrayList<>(WorkerCommand.nice(WorkerCommand.LOWEST_PRIORITY));
        maker.addAll(command.program(List.of("-Xmx64m"), MAKER));
        maker.add(unfinished.toString());
        maker.add(file.toString());
        maker.addAll(command.program(List.of("-XX:AOTCacheOutput=" + unfinished), TRAINING));
        var process = new ProcessBuilder(maker)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
    }

    /** True for one of the processes that try at the same time, and for none within an hour. */
    private static boolean claim(Path marker) throws IOException {
        if (Files.exists(marker)
                && Files.getLastModifiedTime(marker)
                        .toInstant()
                        .isBefore(Instant.now().minus(BETWEEN_ATTEMPTS))) {
            Files.deleteIfExists(marker);
        }
        try {
            Files.createFile(marker);
            return true;
        } catch (java.nio.file.FileAlreadyExistsException tried) {
            return false;
        }
    }

    /** Whether no other user can put anything into a folder. */
    private static boolean isOursAlone(Path folder) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
            UserPrincipal us = folder.getFileSystem()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName(System.getProperty("user.name"));
            return !permissions.contains(PosixFilePermission.GROUP_WRITE)
                    && !permissions.contains(PosixFilePermission.OTHERS_WRITE)
                    && Files.getOwner(folder).equals(us);
        } catch (IOException | UnsupportedOperationException cannotTell) {
            return false;
        }
    }
}
