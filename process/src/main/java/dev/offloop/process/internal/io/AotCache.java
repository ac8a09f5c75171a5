package dev.offloop.process.internal.io;

import dev.offloop.process.internal.util.Log;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What a JVM remembers of the start of another, so that workers need not load and link their classes anew: those of
 * every worker, and those that the user's functions have loaded.
 *
 * <p><b>Whose it is.</b> A JVM runs what is in the file, so it lies in a folder that only this user may write to, and
 * is never taken from anywhere else. Its name is made of all that has to be the same: the JDK, its arguments, and the
 * jars with their sizes and times. A JVM that finds the file unfit starts without it; should one not start at all, the
 * pool goes on without.
 *
 * <p><b>What it is made of.</b> The JVM of the first worker writes down which classes it loads, by its own logging, so
 * nothing depends on how that worker ends. When the pool ends, or the worker has run for {@link #RECORDING}, the list
 * goes to a {@link dev.offloop.process.internal.worker.AotCacheMaker process} that makes the cache, and that outlives
 * the pool if need be. Pools never wait for it. It puts the whole file in its place in one step.
 *
 * <p><b>Whether it still fits</b> shows in the same way: now and then, ever more rarely, a worker that uses a cache
 * writes down its classes too. The maker compares, and makes the cache anew where much is missing, or where the JVM did
 * not use it. One process at a time does that, by a marker file, which stays for an hour when it did not succeed.
 */
public final class AotCache {

    private static final String MAKER = "dev.offloop.process.internal.worker.AotCacheMaker";
    private static final String TRAINING = "dev.offloop.process.internal.worker.WorkerTraining";
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofHours(1);

    /** How long a worker that is ready writes down its classes, if the pool does not end before. */
    private static final Duration RECORDING = Duration.ofSeconds(20);

    /** The longest list that a JVM writes; then it begins anew. A hundred bytes for each class. */
    private static final String MAX_LIST = "8m";

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

    /** Arguments of the user's that decide whether a cache fits. Others may be different at each start. */
    private static final List<String> FITTING = List.of(
            "-Xm",
            "-XX:+Unlock",
            "-XX:+Use",
            "-XX:-Use",
            "-XX:MaxHeapSize=",
            "-XX:MaxRAM",
            "-XX:ObjectAlignmentInBytes=",
            "-XX:Tier",
            "--add-modules=",
            "--enable-native-access=");

    private static final List<String> FILES = List.of("@", "-XX:Flags=", "-XX:VMOptionsFile=");

    private static final Duration BEFORE_LOGGING = Duration.ofSeconds(1);
    private static final AtomicBoolean LOGGED = new AtomicBoolean();

    private final Path folder;
    private final Path file;
    private final CommandLine command;
    private final List<String> fitting;
    private final CountDownLatch poolEnds = new CountDownLatch(1);
    private volatile boolean unfit;

    // ---- guarded by this

    /** Whether a cache is to be made, or looked at; decided once. */
    private boolean wanted;

    private boolean decided;

    /** Whether a worker was ready. */
    private boolean ready;

    /** Whether the worker that writes down its classes was given a cache. */
    private boolean given;

    /** Where a worker writes down its classes; null while none does. */
    private @Nullable Path list;

    private AotCache(Path folder, String name, CommandLine command, List<String> fitting) {
        this.folder = folder;
        this.file = folder.resolve(name);
        this.command = command;
        this.fitting = fitting;
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

    /**
     * The cache for workers of this command; null if there can be none.
     *
     * @param users the arguments of the JVM that the user wants, from wherever
     */
    static @Nullable AotCache of(CommandLine command, List<String> users, Path folder) {
        if (command.launch() instanceof CommandLine.Launch.OfSpringBoot) {
            logThatThereIsNone("the program is a jar of Spring Boot, with jars in it");
            return null;
        }
        List<String> fitting = users.stream()
                .filter(argument -> FITTING.stream().anyMatch(argument::startsWith))
                .toList();
        try {
            return new AotCache(folder.toAbsolutePath(), nameOf(command, fitting) + ".aot", command, fitting);
        } catch (IOException notOnlyJars) {
            logThatThereIsNone(String.valueOf(notOnlyJars.getMessage()));
            return null;
        }
    }

    /** Once, and not at once: loading a logger takes as long as half the start of a worker. */
    private static void logThatThereIsNone(String why) {
        if (LOGGED.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("offloop-aot-cache").start(() -> {
                try {
                    Thread.sleep(BEFORE_LOGGING);
                    Log.OFFLOOP.log(
                            System.Logger.Level.DEBUG,
                            "Workers start without an AOT cache, which a JVM makes for class paths of jars only: "
                                    + why);
                } catch (InterruptedException foreign) {
                    // then not
                }
            });
        }
    }

    /** Whether an argument names a file of arguments. */
    static boolean isFile(String argument) {
        return FILES.stream().anyMatch(argument::startsWith);
    }

    private static String nameOf(CommandLine command, List<String> fitting) throws IOException {
        var all = new StringBuilder();
        all.append(command.java())
                .append('\n')
                .append(Runtime.version())
                .append(System.getProperty("java.vendor"))
                .append(System.getProperty("os.arch"))
                .append('\n')
                .append(command.ours())
                .append(fitting)
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

    // ---- on the starter thread

    /**
     * What makes a worker use it, if it is there, and write down its classes, if that is wanted.
     *
     * @param list where to; null if this worker cannot
     */
    List<String> arguments(@Nullable Path list) {
        boolean there = isThere();
        List<String> arguments = new ArrayList<>();
        if (there) {
            try {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now())); // the maker removes what is not used
            } catch (IOException notNow) {
                // then it may be made again some day
            }
            arguments.add("-XX:AOTCache=" + file);
            arguments.add("-Xlog:aot=off");
            arguments.add("-Xlog:cds=off");
        }
        if (list != null && records(list, there)) {
            arguments.add("-Xlog:class+load=info:file=\"" + list + "\":none:filecount=1,filesize=" + MAX_LIST);
        }
        return arguments;
    }

    private boolean isThere() {
        return !unfit && Files.isRegularFile(file) && isOursAlone(folder);
    }

    /** Whether a worker of this pool is wanted to write down its classes, and none has so far. */
    synchronized boolean wantsList() {
        if (!decided) {
            decided = true;
            wanted = !isYoung(marker(), BETWEEN_ATTEMPTS) && (!isThere() || !isYoung(history(), Duration.ZERO));
        }
        return wanted && !unfit && list == null;
    }

    private synchronized boolean records(Path list, boolean given) {
        if (list.toString().contains("\"") || !wantsList()) {
            return false;
        }
        this.list = list;
        this.given = given;
        return true;
    }

    private Path marker() {
        return file.resolveSibling(file.getFileName() + ".tried");
    }

    /** The maker sets its time to when the cache is to be looked at again. */
    private Path history() {
        return file.resolveSibling(file.getFileName() + ".classes");
    }

    private static boolean isYoung(Path file, Duration age) {
        try {
            return Files.getLastModifiedTime(file)
                    .toInstant()
                    .isAfter(Instant.now().minus(age));
        } catch (IOException none) {
            return false;
        }
    }

    // ---- from any thread

    /** A worker did not start with it: no worker tries again. */
    void remove() {
        unfit = true;
        try {
            Files.deleteIfExists(file);
            boolean _ = claim(); // other pools do not try the same at once
        } catch (IOException | UnsupportedOperationException e) {
            // this pool does without, at least
        }
    }

    /** A worker is ready. Returns at once. */
    synchronized void ready() {
        if (!ready) {
            ready = true;
            if (wanted) {
                Thread.ofPlatform().daemon().name("offloop-aot-cache").start(this::makeLater);
            }
        }
    }

    private void makeLater() {
        try {
            if (!poolEnds.await(RECORDING.toMillis(), TimeUnit.MILLISECONDS)) {
                make();
            }
        } catch (InterruptedException foreign) {
            // the pool makes it at its end
        }
    }

    /** The pool ends, with its folder, or the JVM does. Takes some milliseconds at most. */
    void end() {
        poolEnds.countDown();
        make();
    }

    /** Lets the cache be made, once. */
    private synchronized void make() {
        if (!wanted || !ready || unfit) {
            return;
        }
        wanted = false;
        try {
            if (claim()) {
                startMaker();
            }
        } catch (IOException | RuntimeException | Error e) { // no folder for it, no POSIX, no process
            Log.OFFLOOP.log(System.Logger.Level.DEBUG, "No AOT cache is made for worker processes", e);
        }
    }

    private void startMaker() throws IOException {
        Path unfinished = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid() + "-" + System.nanoTime() + ".new");
        List<String> maker = new ArrayList<>(WorkerCommand.nice(WorkerCommand.LOWEST_PRIORITY));
        maker.addAll(command.program(List.of("-Xmx64m"), MAKER));
        maker.addAll(List.of(file.toString(), unfinished.toString(), Boolean.toString(given)));
        List<String> training = new ArrayList<>(fitting);
        training.add("-XX:AOTCacheOutput=" + unfinished);
        maker.addAll(command.program(training, TRAINING));
        var builder = new ProcessBuilder(maker)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        Path list = this.list;
        if (list != null && Files.isRegularFile(list, LinkOption.NOFOLLOW_LINKS)) {
            builder.redirectInput(list.toFile()); // which may be deleted from now on
        }
        Process process = builder.start();
        process.getOutputStream().close();
    }

    /** True for one of the processes that try at the same time, and for none within an hour after a failure. */
    private boolean claim() throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (!isOursAlone(folder)) {
            return false;
        }
        Path marker = marker();
        if (Files.exists(marker) && !isYoung(marker, BETWEEN_ATTEMPTS)) {
            Files.deleteIfExists(marker);
        }
        try {
            Files.createFile(marker);
            return true;
        } catch (FileAlreadyExistsException tried) {
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
