package dev.offloop.process.internal.pool;

import java.util.Arrays;

/**
 * How much more memory a worker keeps than it had at first. One large call does not count, nor what a collection gives
 * back: the least of some calls in a row is compared with the least of its first ones.
 *
 * <p>Guarded by the pool's lock.
 */
final class MemoryGrowth {

    private static final int SAMPLES = 8;

    private final long[] last = new long[SAMPLES];
    private int count;
    private long baseline;

    /** Adds a sample. Returns by how much the memory has grown; 0 while there are too few samples. */
    long after(long bytes) {
        last[count++ % SAMPLES] = bytes;
        if (count < SAMPLES) {
            return 0;
        }
        long least = Arrays.stream(last).min().orElse(0);
        if (count == SAMPLES) {
            baseline = least;
        }
        return Math.max(0, least - baseline);
    }
}
