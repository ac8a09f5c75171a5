package dev.offloop.process.internal.pool;

import dev.offloop.DurationHistogram;
import dev.offloop.process.PoolStatistics;
import dev.offloop.process.WorkerEnd;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a pool has done, for its statistics.
 *
 * <p>Guarded by the pool's lock.
 */
final class PoolMetrics {

    private final DurationHistogram queueTime = new DurationHistogram();
    private final DurationHistogram runTime = new DurationHistogram();
    private final EnumMap<WorkerEnd, Long> ends = new EnumMap<>(WorkerEnd.class);

    /** A worker that is ready has nothing to do before this call; recorded once for each. */
    void hasWaited(Call<?> call, long now) {
        if (!call.waitRecorded) {
            call.waitRecorded = true;
            call.waited = now - call.submitted;
            queueTime.record(call.waited);
        }
    }

    /** A worker has answered its first call. */
    void hasRun(Worker worker, long now) {
        runTime.record(now - worker.pipeline.headSince());
    }

    /** A worker has gone. */
    void hasEnded(WorkerEnd why) {
        ends.merge(why, 1L, Long::sum);
    }

    PoolStatistics with(Collection<Worker> workers, int idle, int queued, long started, long now) {
        int busy = (int)
                workers.stream().filter(worker -> !worker.pipeline.isEmpty()).count();
        return new PoolStatistics(
                workers.size(),
                busy,
                idle,
                queued,
                runTime.count(),
                started,
                Map.copyOf(ends),
                queueTime.copy(),
                runTime.copy(),
                workers.stream().map(worker -> worker.status(now)).toList());
    }
}
