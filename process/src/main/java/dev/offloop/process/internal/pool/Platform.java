package dev.offloop.process.internal.pool;

import java.io.IOException;

/**
 * What a pool runs on: processes, threads and time. There are two: the real one, and the simulator of the tests, which
 * has neither processes nor threads, and whose time passes when it likes.
 */
public interface Platform {

    /** No time, later than all others. */
    long NEVER = Long.MAX_VALUE;

    /** The time in nanoseconds, which stands still while this process does. */
    long now();

    /**
     * Starts the process of a worker, which reports {@link WorkerEvents#started} at once and other events later. Called
     * on a thread of {@link #startThread}, and may take its time.
     */
    void launch(Worker worker) throws IOException;

    /**
     * Runs a job on a thread of its own.
     *
     * @throws OutOfMemoryError if no thread can be had
     */
    void startThread(Job job);

    /**
     * Runs foreign code, until it has no more of it, on a thread where it holds up nothing of the pool.
     *
     * @throws java.util.concurrent.RejectedExecutionException if there are too many such threads that do not come to an
     *     end
     * @throws OutOfMemoryError if no thread can be had
     */
    void startForeignCode(Job code);

    /** The worker has gone: a thread that still runs its foreign code is given up. */
    void abandon(Job code);

    /** Has {@link WorkerEvents#tick} called at this time at the latest. */
    void wakeAt(long time);

    /** Whether short calls stream through, so that answers may gather before they are taken. */
    void streaming(boolean now);

    /**
     * Whether all that workers had sent until this time was reported. If not, that is done soon, and
     * {@link WorkerEvents#tick} is called then.
     */
    boolean hasReported(long time);

    /** How many processors there are. */
    int processors();

    /** The command that starts workers, in words that follow what went wrong with it. */
    String commandInWords();

    /** Whether the calling thread is one that the pool cannot do without. */
    boolean isOwnThread();

    /** Runs what is to be done after the pool's lock was released, in this order. */
    void run(Effects effects);

    /**
     * The JVM shuts down, so nothing may be called after this: leaves behind only what workers that live remove when
     * they end.
     */
    void jvmShutsDown();

    /** All workers have gone and no more will come. {@link WorkerEvents#closed} follows. */
    void close();
}
