package dev.offloop;

import java.time.Duration;

/**
 * How long something took, many times: how often, on average, and for how many it took longer than what.
 *
 * <ul>
 *   <li>Has the same size however much is recorded. A {@link #percentile} is at most an eighth above the truth.
 *   <li>Not for several threads at a time; {@link #copy} makes one that stays as it is.
 * </ul>
 */
public final class DurationHistogram {

    /** Eight steps from each power of two to the next. */
    private static final int STEP_BITS = 3;

    private static final int STEPS = 1 << STEP_BITS;
    private static final int SIZE = (Long.SIZE - STEP_BITS) * STEPS;

    private final long[] counts;
    private long count;
    private long sum;
    private long max;

    /** An empty one. */
    public DurationHistogram() {
        this(new long[SIZE]);
    }

    private DurationHistogram(long[] counts) {
        this.counts = counts;
    }

    /** Takes note of one time, in nanoseconds; less than none counts as none. */
    public void record(long nanos) {
        long time = Math.max(0, nanos);
        counts[stepOf(time)]++;
        count++;
        sum += time;
        max = Math.max(max, time);
    }

    /** Another with the same content. */
    public DurationHistogram copy() {
        var copy = new DurationHistogram(counts.clone());
        copy.count = count;
        copy.sum = sum;
        copy.max = max;
        return copy;
    }

    /** How many times there are. */
    public long count() {
        return count;
    }

    /** The average; zero of none. */
    public Duration mean() {
        return Duration.ofNanos(count == 0 ? 0 : sum / count);
    }

    /** The longest; zero of none. */
    public Duration max() {
        return Duration.ofNanos(max);
    }

    /**
     * The time within which so many of a hundred were done; zero of none.
     *
     * @param percentage from 0 to 100: 50 for the median
     */
    public Duration percentile(double percentage) {
        if (!(percentage >= 0 && percentage <= 100)) {
            throw new IllegalArgumentException("A percentage is from 0 to 100: " + percentage);
        }
        long wanted = Math.max(1, (long) Math.ceil(count * percentage / 100));
        long seen = 0;
        for (int step = 0; step < SIZE; step++) {
            seen += counts[step];
            if (seen >= wanted) {
                return Duration.ofNanos(Math.min(max, lastOf(step)));
            }
        }
        return Duration.ZERO;
    }

    private static int stepOf(long nanos) {
        int shift = Math.max(0, Long.SIZE - 1 - STEP_BITS - Long.numberOfLeadingZeros(nanos));
        return shift * STEPS + (int) (nanos >>> shift);
    }

    /** The longest time that falls into a step. */
    private static long lastOf(int step) {
        int shift = Math.max(0, step / STEPS - 1);
        return ((step - (long) shift * STEPS + 1) << shift) - 1;
    }

    @Override
    public String toString() {
        return count + " times, median " + percentile(50) + ", 99 % " + percentile(99) + ", max " + max();
    }
}
