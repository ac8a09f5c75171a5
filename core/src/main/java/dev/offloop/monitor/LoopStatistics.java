package dev.offloop.monitor;

import dev.offloop.DurationHistogram;
import java.time.Duration;
import java.util.List;

/**
 * Describes what a loop does at one moment, and what it has done until then. {@link dev.offloop.EventLoop#statistics()
 * EventLoop.statistics()} returns it, from any thread and without stopping the loop; so the numbers may be a moment
 * old, and need not fit together exactly.
 *
 * <p>Numbers grow from the loop's beginning. For an interval, subtract those of an earlier moment:
 * {@link DurationHistogram#since}, {@link #utilizationSince}.
 *
 * <p>asyncio has no counterpart. OpenTelemetry's conventions for Node.js call the lag {@code eventloop.delay} and the
 * utilization {@code eventloop.utilization}.
 *
 * @param loop the loop's name
 * @param age the time since the loop was created
 * @param busy the time in which it ran steps, or was blocked in one
 * @param lag how late steps start that are ready: each timer that has fired, and while the loop is busy up to 80
 *     samples a second of how long a callback from another thread would wait; without samples where the watchdog is
 *     switched off
 * @param steps how many steps have run: of tasks, and callbacks
 * @param turns how many turns the loop has taken
 * @param slowSteps how many steps and turns were slow, by {@link dev.offloop.Runner.Builder#slowStepThreshold}
 * @param ready how many steps are ready to run, without what other threads have just handed in
 * @param tasks how many tasks have not ended
 * @param timers how many timers wait for their time
 * @param executors what the loop has offloaded, by executor
 * @param pauses how often the JVM stood still, or its loops got no processor, for reasons that no task is to blame for;
 *     all loops of the JVM share this number and the next one
 * @param pauseTime how long that was together
 */
public record LoopStatistics(
        String loop,
        Duration age,
        Duration busy,
        DurationHistogram lag,
        long steps,
        long turns,
        long slowSteps,
        int ready,
        int tasks,
        int timers,
        List<ExecutorStatistics> executors,
        long pauses,
        Duration pauseTime) {

    /**
     * Returns which part of its life the loop was busy.
     *
     * @return from 0, always idle, to 1, never idle
     */
    public double utilization() {
        return part(busy, age);
    }

    /**
     * Returns which part of an interval the loop was busy.
     *
     * @param earlier the statistics of the same loop at the interval's beginning
     * @return from 0, always idle, to 1, never idle
     */
    public double utilizationSince(LoopStatistics earlier) {
        return part(busy.minus(earlier.busy), age.minus(earlier.age));
    }

    private static double part(Duration busy, Duration all) {
        return all.isPositive() ? Math.clamp((double) busy.toNanos() / all.toNanos(), 0, 1) : 0;
    }
}
