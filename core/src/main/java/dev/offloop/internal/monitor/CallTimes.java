package dev.offloop.internal.monitor;

import dev.offloop.DurationHistogram;

/**
 * Adds up what was measured at a site in one period.
 *
 * <p>Written by one thread at a time; other threads read what may be a moment old.
 */
final class CallTimes {

    /** Calls in the same window are no independent evidence. */
    private static final long WINDOW_NANOS = 100_000_000;

    /** How long functions ran. */
    final DurationHistogram run = new DurationHistogram();

    /** How long they waited for a thread or a worker. */
    final DurationHistogram queue = new DurationHistogram();

    /** What the way there and back took. */
    final DurationHistogram hop = new DurationHistogram();

    /** How long arguments and results were written and read, for calls in other processes. */
    final DurationHistogram transfer = new DurationHistogram();

    /** When the first call was handed in, and the last one ended. */
    long first;

    long last;

    /** How many calls were handed in. */
    long calls;

    /** How many windows had calls that ended. */
    int windows;

    private long window = Long.MIN_VALUE;

    /** The time on a processor, or ready for one, and the run time of the functions for which it is known. */
    long processor;

    long processorOf;

    CallTimes(long now) {
        this.first = now;
        this.last = now;
    }

    void record(long now, long queueNanos, long runNanos, long hopNanos) {
        queue.record(queueNanos);
        run.record(runNanos);
        hop.record(hopNanos);
        last = now;
        if (now / WINDOW_NANOS != window) {
            window = now / WINDOW_NANOS;
            windows++;
        }
    }

    void recordProcessor(long nanos, long ofNanos) {
        processor += nanos;
        processorOf += ofNanos;
    }

    /** Adds those of another period, or of the same site in another loop. */
    CallTimes add(CallTimes other) {
        run.add(other.run);
        queue.add(other.queue);
        hop.add(other.hop);
        transfer.add(other.transfer);
        first = Math.min(first, other.first);
        last = Math.max(last, other.last);
        calls += other.calls;
        windows += other.windows;
        processor += other.processor;
        processorOf += other.processorOf;
        return this;
    }
}
