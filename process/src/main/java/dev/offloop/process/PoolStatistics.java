package dev.offloop.process;

import dev.offloop.DurationHistogram;
import java.util.List;
import java.util.Map;

/**
 * What a pool does at a moment, and has done.
 *
 * @param workers how many processes there are, those that start and end among them
 * @param busy how many of them run a call
 * @param idle how many have nothing to do
 * @param queued how many calls wait for one
 * @param completed how many calls a worker has answered
 * @param started how many processes were started in all
 * @param ended why processes have ended, and how many for each reason
 * @param queueTime how long calls waited, for room in the queue too, from their submission until a worker that was ready had nothing to do before them
 * @param runTime how long the completed ones took from then on, the way there and back included
 * @param each the workers that there are
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
