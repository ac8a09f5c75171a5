package dev.offloop;

import java.time.Duration;

/**
 * Counts durations: how many there were, their average, and how many took longer than a given time.
 *
 * <ul>
 *   <li>Its size does not depend on how much is recorded. A {@link #percentile} is at most an eighth above the truth.
 *   <li>Not for several threads at a time; {@link #copy} makes one that does not change.
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

    /** Creates an empty histogram. */
    public DurationHistogram() {
        this(new long[SIZE]);
    }

    private DurationHistogram(long[] counts) {
        this.counts = counts;
    }

    /**
     * Records a duration.
     *
     * @param nanos the duration in nanoseconds; less than zero counts as zero
     */
    public void record(long nanos) {
        long time = Math.max(0, nanos);
        counts[stepOf(time)]++;
        count++;
        sum += time;
        max = Math.max(max, time);
    }

    /**
     * Returns a copy.
     *
     * @return another histogram with the same content
     */
    public DurationHistogram copy() {
        var copy = new DurationHistogram(counts.clone());
        copy.count = count;
        copy.sum = sum;
        copy.max = max;
        return copy;
    }

    /**
     * Returns how many durations were recorded.
     *
     * @return the number, zero or more
     */
    public long count() {
        return count;
    }

    /**
     * Returns the average.
     *
     * @return the average; zero if none was recorded
     */
    public Duration mean() {
        return Duration.ofNanos(count == 0 ? 0 : sum / count);
    }

    /**
     * Returns the longest duration.
     *
     * @return the longest; zero if none was recorded
     */
    public Duration max() {
        return Duration.ofNanos(max);
    }

    /**
     * Returns the duration that a percentage of the recorded ones did not exceed.
     *
     * @param percentage from 0 to 100: 50 for the median
     * @return the duration; zero if none was recorded
     * @throws IllegalArgumentException if the percentage is out of range
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
