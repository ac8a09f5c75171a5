package dev.offloop.process;

/** Why a worker process ended. */
public enum WorkerEnd {
    /** It died while it ran a call, or while it had nothing to do. */
    CRASHED,
    /** A call that was cancelled, or whose time was over, did not end in its grace. */
    STOPPED,
    /** It had nothing to do for {@link ProcessPoolExecutor.Builder#idleTimeout}. */
    IDLE,
    /** It had run {@link ProcessPoolExecutor.Builder#maxTasksPerWorker} calls. */
    MAX_TASKS,
    /** It had more memory than {@link ProcessPoolExecutor.Builder#maxRss}. */
    MAX_RSS,
    /** It kept more memory than {@link ProcessPoolExecutor.Builder#maxRssGrowth} on top of what it had at first. */
    RSS_GROWTH,
    /** It gave no sign of life for {@link ProcessPoolExecutor.Builder#heartbeatTimeout}, or did not begin its call. */
    SILENT,
    /** It was not ready, or its initializer failed. */
    NOT_STARTED,
    /** The pool was shut down. */
    SHUTDOWN
}
