package dev.offloop.process;

/** Says why a worker has ended. {@link PoolStatistics#ended} counts the reasons. */
public enum WorkerEnd {
    /**
     * Its process ended by itself, or was killed from outside of the pool, while it ran a call or was idle. That
     * includes a process that the kernel killed since memory was short.
     */
    CRASHED,
    /**
     * Its process ended since its heap was full ({@link ProcessPoolExecutor.Builder#maxHeap}), or was killed since it
     * had more memory than {@link ProcessPoolExecutor.Builder#memoryLimit}.
     */
    OUT_OF_MEMORY,
    /**
     * Its process was killed, since a call that was cancelled or had timed out did not end within
     * {@link ProcessPoolExecutor.Builder#cancelGrace}.
     */
    CANCELLED,
    /** It was retired after it had been idle for {@link ProcessPoolExecutor.Builder#idleTimeout}. */
    IDLE,
    /** It was retired after it had run {@link ProcessPoolExecutor.Builder#maxTasksPerWorker} calls. */
    MAX_TASKS,
    /** It was retired, since its process had more memory than {@link ProcessPoolExecutor.Builder#maxRss}. */
    MAX_RSS,
    /** It was retired, since its process had grown by more than {@link ProcessPoolExecutor.Builder#maxRssGrowth}. */
    RSS_GROWTH,
    /**
     * Its process was killed, since it gave no sign of life for {@link ProcessPoolExecutor.Builder#heartbeatTimeout},
     * or did not begin a call that it was given.
     */
    SILENT,
    /**
     * Its process was killed, since it sent what it may not send, or what could not be received here.
     *
     * <ul>
     *   <li>A result, an exception or a progress value was larger than
     *       {@link ProcessPoolExecutor.Builder#maxResultSize}, or there was no memory or no thread to read it.
     *   <li>A message did not fit what the worker was doing, was no message of Offloop, or contradicted the status that
     *       the worker shares with the pool. Only hostile or broken code in a worker does that.
     * </ul>
     */
    PROTOCOL_ERROR,
    /**
     * It was not ready within {@link ProcessPoolExecutor.Builder#startTimeout}, ended before, or its initializer
     * failed.
     */
    NOT_STARTED,
    /** The pool or the JVM was shut down. */
    SHUTDOWN
}
