package dev.offloop.process.internal.io;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code bwrap} that starts a worker in a sandbox.
 *
 * <p>Mounts are made in the order of the arguments, and each covers what lies below it: first what is there, then what
 * is hidden, then what has to be there all the same. Only then is what is empty made read-only, since mount points are
 * created in it.
 *
 * <p>There is no {@code --die-with-parent}: the system takes the thread that has started a process for its parent, and
 * the starter thread ends. A worker ends with the connections to its parent, and when the pool kills it,
 * {@link ProcessChain} finds the processes behind {@code bwrap}.
 *
 * @param network whether there is one
 * @param readable what there is besides what a worker needs; null for all files
 * @param hidden what is empty
 * @param writable what can be changed
 */
public record Bubblewrap(boolean network, @Nullable List<Path> readable, List<Path> hidden, List<Path> writable) {

    private static final String PROGRAM = "bwrap";
    private static final List<String> SYSTEM =
            List.of("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store");

    /** What the C library and the JDKs of distributions need of {@code /etc}. */
    private static final List<String> CONFIGURATION = List.of(
            "alternatives",
            "ca-certificates",
            "group",
            "host.conf",
            "hosts",
            "java",
            "ld.so.cache",
            "ld.so.conf",
            "ld.so.conf.d",
            "localtime",
            "nsswitch.conf",
            "passwd",
            "pki",
            "resolv.conf",
            "ssl",
            "timezone");

    private static final List<Path> TEMP = List.of(Path.of("/tmp"), Path.of("/var/tmp"));
    private static final Path RUN = Path.of("/run");
    private static final String AOT_CACHE = "-XX:AOTCache=";

    /**
     * Checks that it can be used.
     *
     * @throws IllegalStateException if it cannot
     */
    public void check() {
        if (!Programs.isOnPath(PROGRAM)) {
            throw new IllegalStateException("sandbox(…) needs the command bwrap, which is not on the PATH: install"
                    + " bubblewrap (on Linux), or start the workers with another sandbox by commandPrefix(…)");
        }
    }

    /**
     * What starts a worker.
     *
     * @param command starts its JVM
     * @param arguments of the JVM, besides those of the command
     * @param folder of the pool, which has to be there by then
     */
    List<String> prefix(CommandLine command, List<String> arguments, Path folder) {
        var mounts = new ArrayList<String>();
        Set<Path> empty = new LinkedHashSet<>();
        if (readable == null) {
            add(mounts, "--ro-bind", Path.of("/"));
        } else {
            SYSTEM.forEach(system -> add(mounts, "--ro-bind-try", Path.of(system)));
            CONFIGURATION.forEach(file -> add(mounts, "--ro-bind-try", Path.of("/etc", file)));
        }
        mounts.addAll(List.of("--dev", "/dev", "--proc", "/proc"));
        for (Path temp : TEMP) {
            if (Files.isDirectory(temp)) {
                mounts.addAll(List.of("--tmpfs", temp.toString()));
                empty.add(temp);
            }
        }
        if (!network && Files.isDirectory(RUN, LinkOption.NOFOLLOW_LINKS)) {
            mounts.addAll(List.of("--tmpfs", RUN.toString()));
            empty.add(RUN);
        }
        if (readable != null) {
            readable.forEach(path -> add(mounts, "--ro-bind", path));
        }
        writable.forEach(path -> add(mounts, "--bind", path));
        hide(mounts, empty);
        for (Path needed : neededBy(command, arguments)) {
            if (readable != null || empty.stream().anyMatch(needed::startsWith)) {
                add(mounts, "--ro-bind-try", needed);
            }
        }
        add(mounts, "--bind", folder);
        for (Path path : empty) {
            if (!TEMP.contains(path)) {
                mounts.addAll(List.of("--remount-ro", path.toString()));
            }
        }
        if (readable != null) {
            mounts.addAll(List.of("--remount-ro", "/"));
        }
        var all = new ArrayList<>(
                List.of(PROGRAM, "--unshare-pid", "--unshare-ipc", "--new-session", "--cap-drop", "ALL"));
        if (!network) {
            all.add("--unshare-net");
        }
        all.addAll(mounts);
        return all;
    }

    private void hide(List<String> mounts, Set<Path> empty) {
        for (Path path : hidden) {
            if (Files.isDirectory(path)) {
                mounts.addAll(List.of("--tmpfs", path.toString()));
                empty.add(path);
            } else {
                mounts.addAll(List.of("--ro-bind", "/dev/null", path.toString()));
            }
        }
    }

    private static void add(List<String> mounts, String option, Path path) {
        mounts.addAll(List.of(option, path.toString(), path.toString()));
    }

    /** The files without which a JVM does not start: its own, and the classes. */
    private static Set<Path> neededBy(CommandLine command, List<String> arguments) {
        Set<Path> all = new LinkedHashSet<>();
        Path java = Path.of(command.java());
        Path bin = java.isAbsolute() ? java.getParent() : null;
        if (bin != null && bin.getParent() != null) {
            all.add(bin.getParent());
        }
        for (String path : List.of(command.paths().classes(), command.paths().modules())) {
            for (String entry : path.split(File.pathSeparator, -1)) {
                String file = entry.endsWith("*") ? entry.substring(0, entry.length() - 1) : entry;
                if (!file.isEmpty()) {
                    all.add(Path.of(file).toAbsolutePath().normalize());
                }
            }
        }
        for (String argument : arguments) {
            if (argument.startsWith(AOT_CACHE)) {
                all.add(Path.of(argument.substring(AOT_CACHE.length())));
            }
        }
        return all;
    }
}
