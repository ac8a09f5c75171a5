package dev.offloop.process.internal.pool;

import dev.offloop.process.internal.wire.Reading;
import dev.offloop.process.internal.wire.Writing;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Configures a pool's calls and workers. Times are in nanoseconds; {@link Long#MAX_VALUE} is unlimited.
 *
 * @param name of the pool and its threads
 * @param maxWorkers how many workers run calls at a time at most
 * @param spareWorkers how many more are kept ready
 * @param firstIndex the lowest index of a worker
 * @param endsWithWorker whether the pool ends when its worker does: it has one, which keeps a state
 * @param exclusiveIndexes whether a worker waits for its index until the one that had it before is gone
 * @param initializer the function that each worker runs first, written; null for none
 * @param reading how results are read
 * @param writing how functions are written
 * @param maxQueued how many calls may wait
 * @param blockWhenFull whether a submitter waits for room, or is rejected
 * @param callTimeout how long a call may run
 * @param cancelGrace how long a cancelled function may take to end
 * @param startTimeout how long a worker may take until it is ready
 * @param idleTimeout how long a worker may be idle
 * @param maxTasks how many calls a worker runs before it is retired
 * @param maxRss how much memory it may have before that, in bytes
 * @param maxRssGrowth how much more memory than at first, in bytes
 * @param heartbeatTimeout for how long it may give no sign of life
 * @param jvmShutdownTimeout for how long calls are served while the JVM shuts down
 * @param debugging whether workers may be stopped by a debugger, so that no time limit of a call or worker holds
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record PoolOptions(
        String name,
        int maxWorkers,
        int spareWorkers,
        int firstIndex,
        boolean endsWithWorker,
        boolean exclusiveIndexes,
        byte @Nullable [] initializer,
        Reading reading,
        Writing writing,
        int maxQueued,
        boolean blockWhenFull,
        long callTimeout,
        long cancelGrace,
        long startTimeout,
        long idleTimeout,
        int maxTasks,
        long maxRss,
        long maxRssGrowth,
        long heartbeatTimeout,
        long jvmShutdownTimeout,
        boolean debugging) {

    /** How long a worker may give no sign of life, unless the user says otherwise. */
    public static final Duration DEFAULT_HEARTBEAT = Duration.ofMinutes(1);

    /** As good as never, which would say that a start deadline has passed. */
    private static final long DEBUGGED_START = TimeUnit.DAYS.toNanos(10_000);

    /**
     * The options of a pool for the one worker of a session, which stays as long as its process lives.
     *
     * @param name the name of that pool
     * @param index the index of its worker
     */
    public PoolOptions ofSession(String name, int index) {
        return new PoolOptions(
                name,
                1,
                0,
                index,
                true,
                exclusiveIndexes,
                initializer,
                reading,
                writing,
                maxQueued,
                blockWhenFull,
                callTimeout,
                cancelGrace,
                startTimeout,
                Platform.NEVER,
                Integer.MAX_VALUE,
                Platform.NEVER,
                Platform.NEVER,
                heartbeatTimeout,
                jvmShutdownTimeout,
                debugging);
    }

    /** For workers that are threads of this JVM: they give no signs of life, and it gives them for all. */
    public PoolOptions forThreads() {
        return new PoolOptions(
                name,
                maxWorkers,
                spareWorkers,
                firstIndex,
                endsWithWorker,
                false,
                initializer,
                reading,
                writing,
                maxQueued,
                blockWhenFull,
                callTimeout,
                cancelGrace,
                startTimeout,
                idleTimeout,
                maxTasks,
                Platform.NEVER,
                Platform.NEVER,
                Platform.NEVER,
                jvmShutdownTimeout,
                debugging);
    }

    /** For workers that a debugger may stop for as long as it likes. */
    public PoolOptions forDebugging() {
        return new PoolOptions(
                name,
                maxWorkers,
                spareWorkers,
                firstIndex,
                endsWithWorker,
                exclusiveIndexes,
                initializer,
                reading,
                writing,
                maxQueued,
                blockWhenFull,
                Platform.NEVER,
                Platform.NEVER,
                DEBUGGED_START,
                Platform.NEVER,
                maxTasks,
                maxRss,
                maxRssGrowth,
                Platform.NEVER,
                jvmShutdownTimeout,
                true);
    }

    /** How many workers there are at most, spare ones too. */
    public int maxProcesses() {
        return (int) Math.min(Integer.MAX_VALUE, (long) maxWorkers + spareWorkers);
    }

    /** Whether a worker's memory has to be looked at after each call. */
    boolean watchesMemory() {
        return maxRss < Long.MAX_VALUE || maxRssGrowth < Long.MAX_VALUE;
    }
}
