package dev.offloop.process;

import java.util.Arrays;

/**
 * How much more memory a worker keeps than it had at first. One large call does not count, nor what a collection gives back:
 * the least of some calls in a row is compared with the least of its first ones.
 */
final class MemoryGrowth {

    private static final int LOOKS = 8;

    private final long[] last = new long[LOOKS];
    private int looks;
    private long baseline;

    /** By how much it has grown, with this look; 0 as long as there were too few to tell. */
    long after(long bytes) {
        last[looks++ % LOOKS] = bytes;
        if (looks < LOOKS) {
            return 0;
        }
        long least = Arrays.stream(last).min().orElse(0);
        if (looks == LOOKS) {
            baseline = least;
        }
        return Math.max(0, least - baseline);
    }
}
