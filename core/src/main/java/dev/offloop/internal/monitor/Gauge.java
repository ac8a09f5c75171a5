package dev.offloop.internal.monitor;

import dev.offloop.CapacityLimiter;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Shows how much an executor does at a moment.
 *
 * @param name what it is called
 * @param size how many functions it runs at a time at most; zero if that is not known or not limited
 * @param active how many it runs
 * @param queued how many wait
 */
public record Gauge(String name, int size, int active, int queued) {

    /** Of an executor that has gone before it was asked. */
    static final Gauge UNKNOWN = new Gauge("an executor that has gone", 0, 0, 0);

    /** An executor of ours that can be asked. */
    public interface Gauged {
        Gauge gauge();
    }

    /** Returns what is known of an executor of any kind. */
    @SuppressWarnings("IfChainToSwitch") // it is asked when a loop ends: the first switch over types takes milliseconds
    public static Gauge of(Object executor) {
        if (executor instanceof Gauged gauged) {
            return gauged.gauge();
        } else if (executor instanceof CapacityLimiter limiter) {
            var now = limiter.statistics();
            return new Gauge(name(limiter), now.limit(), now.running(), now.waiting());
        } else if (executor instanceof ThreadPoolExecutor pool) {
            boolean endless = pool.getQueue().remainingCapacity() == Integer.MAX_VALUE;
            int size = endless ? pool.getCorePoolSize() : pool.getMaximumPoolSize();
            return new Gauge(
                    name(pool),
                    size == Integer.MAX_VALUE ? 0 : size,
                    pool.getActiveCount(),
                    pool.getQueue().size());
        } else if (executor instanceof ForkJoinPool pool) {
            int queued = (int) (pool.getQueuedSubmissionCount() + pool.getQueuedTaskCount());
            return new Gauge(name(pool), pool.getParallelism(), pool.getActiveThreadCount(), queued);
        }
        return new Gauge(name(executor), 0, 0, 0);
    }

    /** Two executors of a class have two names. */
    private static String name(Object executor) {
        Class<?> type = executor.getClass();
        String simple = type.getSimpleName();
        return (simple.isEmpty() ? type.getName() : simple) + "@"
                + Integer.toHexString(System.identityHashCode(executor));
    }
}
