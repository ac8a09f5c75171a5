package dev.offloop.process.internal.io;

import dev.offloop.process.internal.pool.Sizes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the system keeps a worker from having more of, while it runs. Values are {@link #NONE} for no limit.
 *
 * @param memory bytes of memory, heap and native memory together
 * @param openFiles file descriptors
 * @param fileSize bytes in one file
 */
public record WorkerLimits(long memory, long openFiles, long fileSize) {

    /** No limit. */
    public static final long NONE = Long.MAX_VALUE;

    /** No limits. */
    public static final WorkerLimits NOTHING = new WorkerLimits(NONE, NONE, NONE);

    /** A JVM that does little has 30 to 40 MiB. */
    private static final long LEAST_MEMORY = 64L << 20;

    private static final long LEAST_OPEN_FILES = 64;

    public WorkerLimits memory(String size) {
        long bytes = Sizes.parse("memoryLimit", size);
        if (bytes < LEAST_MEMORY) {
            throw new IllegalArgumentException("memoryLimit must be at least 64m, since a JVM has half of that before"
                    + " it does anything: " + size);
        }
        return new WorkerLimits(bytes, openFiles, fileSize);
    }

    public WorkerLimits openFiles(int number) {
        if (number < LEAST_OPEN_FILES) {
            throw new IllegalArgumentException("openFiles must be at least 64, since a JVM opens its own libraries, the"
                    + " class path and the connections to this process: " + number);
        }
        return new WorkerLimits(memory, number, fileSize);
    }

    public WorkerLimits fileSize(String size) {
        return new WorkerLimits(memory, openFiles, Sizes.parse("fileSize", size));
    }

    boolean hasMemory() {
        return memory != NONE;
    }

    /**
     * The heap for workers whose user has not set one: half of the memory. The rest is for classes, compiled code,
     * threads, the collector and native memory of functions.
     */
    long heap() {
        return memory / 2;
    }

    /**
     * Checks that this system can enforce the limits.
     *
     * @throws IllegalStateException if it cannot
     */
    public void check() {
        if (hasMemory() && !Files.isReadable(Path.of("/proc/self/status"))) {
            throw new IllegalStateException("memoryLimit needs Linux: this system has neither cgroups nor /proc. Use"
                    + " maxHeap, which limits the heap on every system, and maxRss");
        }
        if ((openFiles != NONE || fileSize != NONE) && !Programs.isOnPath("prlimit")) {
            throw new IllegalStateException("openFiles and fileSize need the command prlimit, which is not on the PATH:"
                    + " install util-linux (on Linux)");
        }
    }

    /** What starts a command with these limits, but for that of memory. */
    List<String> prefix() {
        List<String> command = new ArrayList<>();
        if (openFiles != NONE || fileSize != NONE) {
            command.add("prlimit");
        }
        if (openFiles != NONE) {
            command.add("--nofile=" + openFiles);
        }
        if (fileSize != NONE) {
            command.add("--fsize=" + fileSize);
        }
        return command;
    }
}
