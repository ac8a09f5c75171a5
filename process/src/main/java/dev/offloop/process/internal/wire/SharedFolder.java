package dev.offloop.process.internal.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;

/**
 * The folder in which the files of shared memory are made: {@code /dev/shm}, whose files are in memory; where there is
 * none, the temp folder.
 *
 * @param path the folder
 * @param keepsNames whether files have to keep their names for others to find them
 */
record SharedFolder(Path path, boolean keepsNames) {

    private static final String PROPERTY = "offloop.sharedMemory";
    private static final Path IN_MEMORY = Path.of("/dev/shm");
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path AVAILABLE = Path.of("/proc/meminfo");
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final long MEBI = 1024 * 1024;

    /** The folder that the user names, or that this system has. */
    static SharedFolder find() {
        String named = System.getProperty(PROPERTY);
        Path path = named != null
                ? Path.of(named)
                : Files.isWritable(IN_MEMORY) ? IN_MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
        try {
            return new SharedFolder(path.toRealPath(), !Files.isDirectory(DESCRIPTORS));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "There is no folder " + path + " for shared memory: name one by -D" + PROPERTY + "=…", e);
        }
    }

    /** Makes a file for this user alone, and takes its name away if it does not need it. */
    FileChannel open(Path file) throws IOException {
        Set<OpenOption> options =
                new HashSet<>(Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
        if (keepsNames) {
            file.toFile().deleteOnExit();
        } else {
            options.add(StandardOpenOption.DELETE_ON_CLOSE); // on Linux, this means as soon as it is open
        }
        FileAttribute<?>[] attributes =
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {OWNER_ONLY}
                        : new FileAttribute<?>[0];
        return FileChannel.open(file, options, attributes);
    }

    /**
     * Checks before anything is written that there is room: to fill a folder that others use would be a fault in them.
     *
     * @throws UncheckedIOException if there is none
     */
    void checkRoom(long size) {
        long total = path.toFile().getTotalSpace(); // 0 if the system does not say
        if ((total > 0 && size > path.toFile().getUsableSpace()) || size > availableMemory()) {
            throw failed(size, new IOException("not enough room"));
        }
    }

    /** What is to be thrown when memory of a size could not be had. */
    UncheckedIOException failed(long size, IOException cause) {
        return new UncheckedIOException(
                "Shared memory of " + inWords(size) + " cannot be allocated in " + path + figures() + ": "
                        + cause.getMessage() + ". The system property " + PROPERTY + " names another folder"
                        + (path.equals(IN_MEMORY) ? "; docker run --shm-size=… makes this one larger" : ""),
                cause);
    }

    private String figures() {
        long available = availableMemory();
        return ", which has " + inWords(path.toFile().getUsableSpace()) + " of "
                + inWords(path.toFile().getTotalSpace()) + " left"
                + (available == Long.MAX_VALUE ? "" : " (the machine has " + inWords(available) + " of memory left)");
    }

    /**
     * How much memory processes can get without swapping, in bytes; MAX_VALUE if the system does not say, or the files
     * are not in memory as far as is known. A system that runs out of memory kills processes.
     */
    private long availableMemory() {
        try {
            if (path.startsWith(IN_MEMORY.toRealPath())) {
                for (String line : Files.readAllLines(AVAILABLE)) {
                    if (line.startsWith("MemAvailable:")) {
                        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                    }
                }
            }
        } catch (IOException | RuntimeException notThisSystem) {
            // as below
        }
        return Long.MAX_VALUE;
    }

    private static String inWords(long bytes) {
        return bytes < MEBI ? bytes + " bytes" : bytes / MEBI + " MiB";
    }
}
