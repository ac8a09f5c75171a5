package dev.offloop;

import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * Counts durations: how many there were, their average, and how many took longer than a given time.
 *
 * <ul>
 *   <li>Its size does not depend on how much is recorded: 16 KiB at most, and 256 bytes for each power of two between
 *       which durations were recorded. A {@link #percentile} is at most 3 % above the truth.
 *   <li>One thread at a time records. Any thread may {@link #copy} meanwhile, and misses at most what is being
 *       recorded.
 * </ul>
 */
public final class DurationHistogram {

    /** So many steps, as a power of two, from each power of two to the next. */
    private static final int STEP_BITS = 5;

    private static final int STEPS = 1 << STEP_BITS;
    private static final int ROWS = Long.SIZE - STEP_BITS;

    /** A row for each power of two, made when it is needed. */
    private final long[][] rows = new long[ROWS][];

    private long sum;
    private long max;

    /** Creates an empty histogram. */
    public DurationHistogram() {}

    /**
     * Records a duration.
     *
     * @param nanos the duration in nanoseconds; less than zero counts as zero
     */
    public void record(long nanos) {
        record(nanos, 1);
    }

    /**
     * Records a duration several times.
     *
     * @param nanos the duration in nanoseconds; less than zero counts as zero
     * @param times how many times, zero or more
     */
    public void record(long nanos, long times) {
        long time = Math.max(0, nanos);
        add(stepOf(time), times);
        sum += times * time;
        max = Math.max(max, time);
    }

    private void add(int step, long times) {
        long[] row = rows[step / STEPS];
        if (row == null) {
            row = new long[STEPS];
            rows[step / STEPS] = row;
        }
        row[step % STEPS] += times;
    }

    private long at(int step) {
        long[] row = rows[step / STEPS];
        return row == null ? 0 : row[step % STEPS];
    }

    /**
     * Records all that another histogram has recorded.
     *
     * @param other the other histogram, which stays as it is
     */
    public void add(DurationHistogram other) {
        for (int step = 0; step < ROWS * STEPS; step++) {
            long times = other.at(step);
            if (times != 0) {
                add(step, times);
            }
        }
        sum += other.sum;
        max = Math.max(max, other.max);
    }

    /**
     * Returns a copy.
     *
     * @return another histogram with the same content
     */
    public DurationHistogram copy() {
        var copy = new DurationHistogram();
        copy.add(this);
        return copy;
    }

    /**
     * Returns what was recorded after a copy was made of this histogram.
     *
     * @param earlier the copy
     * @return another histogram, whose longest duration is known as precisely as a percentile
     */
    public DurationHistogram since(DurationHistogram earlier) {
        var difference = new DurationHistogram();
        for (int step = 0; step < ROWS * STEPS; step++) {
            long times = Math.max(0, at(step) - earlier.at(step));
            if (times > 0) {
                difference.add(step, times);
                difference.max = Math.min(max, lastOf(step));
            }
        }
        difference.sum = Math.max(0, sum - earlier.sum);
        return difference;
    }

    /**
     * Returns how many durations were recorded.
     *
     * @return the number, zero or more
     */
    public long count() {
        long count = 0;
        for (long[] row : rows) {
            count += row == null ? 0 : LongStream.of(row).sum();
        }
        return count;
    }

    /**
     * Returns how many durations of each size there were, for those that export or draw it.
     *
     * @return the number for each size that occurred, by the longest duration of that size
     */
    public SortedMap<Duration, Long> counts() {
        SortedMap<Duration, Long> counts = new TreeMap<>();
        for (int step = 0; step < ROWS * STEPS; step++) {
            long times = at(step);
            if (times != 0) {
                counts.put(Duration.ofNanos(Math.min(max, lastOf(step))), times);
            }
        }
        return counts;
    }

    /**
     * Returns all durations together.
     *
     * @return the sum; zero if none was recorded
     */
    public Duration total() {
        return Duration.ofNanos(sum);
    }

    /**
     * Returns the average.
     *
     * @return the average; zero if none was recorded
     */
    public Duration mean() {
        long count = count();
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
        long wanted = Math.max(1, (long) Math.ceil(count() * percentage / 100));
        long seen = 0;
        for (int step = 0; step < ROWS * STEPS; step++) {
            seen += at(step);
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
        return count() + " times, median " + percentile(50) + ", 99 % " + percentile(99) + ", max " + max();
    }
}
