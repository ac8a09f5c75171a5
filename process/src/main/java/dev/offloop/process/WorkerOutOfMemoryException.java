package dev.offloop.process;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Reports that the memory of a worker was full, or would have been.
 *
 * <ul>
 *   <li>Its heap was full, which {@link ProcessPoolExecutor.Builder#maxHeap} limits. The JVM of a worker ends then.
 *   <li>The memory of the machine or container was short, and the kernel killed the process: {@link #killedByKernel} is
 *       true.
 *   <li>The process had more memory than {@link ProcessPoolExecutor.Builder#memoryLimit}: {@link #memory} and
 *       {@link #memoryLimit} are the two figures.
 *   <li>The arguments of the call are larger than the heap of a worker. Such a call is not sent, and costs no worker:
 *       {@link #pid} is that of the worker which it was meant for, and there is neither an exit code nor a signal.
 * </ul>
 *
 * <p>Another worker may be started with the same limits, so to repeat the call rarely helps.
 */
public final class WorkerOutOfMemoryException extends WorkerCrashedException {

    private static final long serialVersionUID = 1;

    private final boolean byKernel;

    /** Both 0 if no limit was exceeded. */
    private final long memory;

    private final long memoryLimit;

    /**
     * Used by pools.
     *
     * @param message what happened
     * @param pid the process id of the worker
     * @param exitCode its exit code, if it ended by itself
     * @param signal the signal that ended it, if one did
     * @param byKernel whether the kernel killed it
     */
    public WorkerOutOfMemoryException(
            String message, long pid, OptionalInt exitCode, Optional<String> signal, boolean byKernel) {
        super(message, pid, exitCode, signal);
        this.byKernel = byKernel;
        this.memory = 0;
        this.memoryLimit = 0;
    }

    /**
     * Used by pools, for a worker that has exceeded its limit of memory.
     *
     * @param message what happened
     * @param pid the process id of the worker
     * @param exitCode its exit code, if it ended by itself
     * @param signal the signal that ended it, if one did
     * @param memory how much memory it had, in bytes
     * @param memoryLimit how much it may have, in bytes
     */
    public WorkerOutOfMemoryException(
            String message, long pid, OptionalInt exitCode, Optional<String> signal, long memory, long memoryLimit) {
        super(message, pid, exitCode, signal);
        this.byKernel = false;
        this.memory = memory;
        this.memoryLimit = memoryLimit;
    }

    /**
     * Returns how much memory the worker had when it was killed for its
     * {@link ProcessPoolExecutor.Builder#memoryLimit}, heap and native memory together.
     *
     * @return the number of bytes; empty if the worker was not killed for that
     */
    public OptionalLong memory() {
        return memoryLimit == 0 ? OptionalLong.empty() : OptionalLong.of(memory);
    }

    /**
     * Returns the {@link ProcessPoolExecutor.Builder#memoryLimit} that the worker has exceeded.
     *
     * @return the number of bytes; empty if the worker was not killed for that
     */
    public OptionalLong memoryLimit() {
        return memoryLimit == 0 ? OptionalLong.empty() : OptionalLong.of(memoryLimit);
    }

    /**
     * Returns whether the kernel killed the process, since the memory of the machine or container was short.
     *
     * @return true if the kernel killed it; false if its heap was full, or too small for the arguments, or it had more
     *     memory than its limit
     */
    public boolean killedByKernel() {
        return byKernel;
    }
}
