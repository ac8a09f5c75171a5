package dev.offloop.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A process of this machine, as the operating system shows it.
 *
 * <p>Where there is a {@code /proc}, a program with a loop is known by the thread that watches it. Elsewhere every Java
 * program might have one, and has to be asked.
 *
 * @param pid its process id here
 */
record JavaProcess(long pid) {

    private static final Path PROC = Path.of("/proc");

    /** The first 15 characters of the watchdog's name: the system keeps no more. */
    private static final String WATCHDOG = "offloop-watchdo";

    private static final String SOME_USER = "rwx------";

    static boolean hasProc() {
        return Files.isDirectory(PROC.resolve("self"));
    }

    /** Returns the processes of this user that have a loop, or may have one. */
    static List<JavaProcess> all() throws IOException {
        List<JavaProcess> all = new ArrayList<>();
        for (ProcessHandle handle : ProcessHandle.allProcesses().toList()) {
            var process = new JavaProcess(handle.pid());
            if (handle.pid() != ProcessHandle.current().pid() && process.isMine() && process.mayHaveLoop()) {
                all.add(process);
            }
        }
        return all;
    }

    boolean exists() {
        return ProcessHandle.of(pid).isPresent();
    }

    private Path proc() {
        return PROC.resolve(Long.toString(pid));
    }

    boolean isMine() {
        try {
            return !hasProc() || Files.getOwner(proc()).equals(Files.getOwner(PROC.resolve("self")));
        } catch (IOException gone) {
            return false;
        }
    }

    boolean mayHaveLoop() {
        if (!hasProc()) {
            return ProcessHandle.of(pid)
                    .flatMap(handle -> handle.info().command())
                    .map(command -> command.contains("java"))
                    .orElse(false);
        }
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(proc().resolve("task"))) {
            for (Path thread : threads) {
                if (Files.readString(thread.resolve("comm")).strip().equals(WATCHDOG)) {
                    return true;
                }
            }
        } catch (IOException | RuntimeException gone) {
            // it has none any more
        }
        return false;
    }

    /** Returns the command line, shortened. */
    String command() {
        try {
            String line = hasProc()
                    ? Files.readString(proc().resolve("cmdline"), StandardCharsets.ISO_8859_1)
                            .replace('\0', ' ')
                    : ProcessHandle.of(pid)
                            .flatMap(handle -> handle.info().commandLine())
                            .orElse("");
            return line.strip();
        } catch (IOException gone) {
            return "";
        }
    }

    /**
     * Returns the folder where the program looks for questions, as it is seen from here: that of a program in a
     * container lies below its own root.
     */
    Path folder() {
        if (!hasProc()) {
            boolean windows = System.getProperty("os.name").startsWith("Windows");
            return Path.of(
                    windows ? System.getProperty("java.io.tmpdir") : "/tmp",
                    "offloop-" + System.getProperty("user.name"));
        }
        String uid = status("Uid:").orElse("0");
        String name = "offloop-" + uid;
        return inContainer() ? proc().resolve("root/tmp").resolve(name) : Path.of("/tmp", name);
    }

    private boolean inContainer() {
        try {
            return !Files.readSymbolicLink(proc().resolve("ns/mnt"))
                    .equals(Files.readSymbolicLink(PROC.resolve("self/ns/mnt")));
        } catch (IOException unknown) {
            return false;
        }
    }

    /** Returns its process id as it sees it itself. */
    String ownPid() {
        return status("NSpid:")
                .map(ids -> ids.substring(ids.lastIndexOf('\t') + 1).strip())
                .orElse(Long.toString(pid));
    }

    private Optional<String> status(String key) {
        try {
            return Files.readAllLines(proc().resolve("status")).stream()
                    .filter(line -> line.startsWith(key))
                    .map(line -> line.substring(key.length()).strip())
                    .map(value -> key.equals("Uid:") ? value.split("\\s", 2)[0] : value)
                    .findFirst();
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    static String mode() {
        return SOME_USER;
    }
}
