package dev.offloop.process;

import dev.offloop.process.wire.Writing;
import java.io.ObjectInputFilter;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a pool is to be. Times are in nanoseconds; {@link Long#MAX_VALUE} is for ever, and without a limit.
 *
 * @param name of the pool and its threads
 * @param command starts a worker
 * @param aotCache makes it start faster, where that is possible
 * @param directory its working directory; null for this process's
 * @param environment what is added to this process's environment; a null value takes a variable away
 * @param output what becomes of what it prints
 * @param initializer the function that it runs first, written
 * @param resultFilter which classes may come back
 * @param writing how functions are written
 * @param maxQueued how many calls may wait
 * @param blockWhenFull whether a submitter waits then, or is refused
 * @param callTimeout how long a call may run
 * @param stopGrace how long an interrupted function may take to end
 * @param idleTimeout how long a worker may have nothing to do
 * @param maxTasks how many calls a worker runs before another takes its place
 * @param maxRss how much memory it may have before that, in bytes
 * @param maxRssGrowth how much more than at first
 * @param heartbeatTimeout for how long it may give no sign of life
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PoolOptions(
        String name,
        int maxWorkers,
        CommandLine command,
        @Nullable AotCache aotCache,
        @Nullable Path directory,
        Map<String, @Nullable String> environment,
        WorkerOutput output,
        byte @Nullable [] initializer,
        @Nullable ObjectInputFilter resultFilter,
        Writing writing,
        int maxQueued,
        boolean blockWhenFull,
        long callTimeout,
        long stopGrace,
        long idleTimeout,
        int maxTasks,
        long maxRss,
        long maxRssGrowth,
        long heartbeatTimeout) {

    /** Whether a worker's memory matters after each call. */
    boolean watchesMemory() {
        return maxRss < Long.MAX_VALUE || maxRssGrowth < Long.MAX_VALUE;
    }
}
