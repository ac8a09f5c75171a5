package dev.offloop.process;

import dev.offloop.DurationHistogram;
import java.util.List;
import java.util.Map;

/**
 * Describes what a pool does at one moment, and what it has done until then. {@link ProcessPoolExecutor#statistics}
 * returns it.
 *
 * @param workers how many workers there are, including those that start and those that end
 * @param busy how many workers have a call
 * @param idle how many workers are ready and have no call
 * @param queued how many calls wait for a worker, without those that were cancelled
 * @param completed how many calls a worker has answered
 * @param started how many workers the pool has started, from the beginning
 * @param ended how many workers have ended for each reason, from the beginning; reasons that have not occurred are
 *     missing
 * @param queueTime how long calls waited from their submission until a worker that was ready had no call before them;
 *     the wait for room in the queue counts
 * @param runTime how long the completed calls took from then on; sending the function and reading the result count
 * @param each the workers that there are, in the order of their start
 */
public record PoolStatistics(
        int workers,
        int busy,
        int idle,
        int queued,
        long completed,
        long started,
        Map<WorkerEnd, Long> ended,
        DurationHistogram queueTime,
        DurationHistogram runTime,
        List<WorkerStatus> each) {}
