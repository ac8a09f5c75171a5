package dev.offloop.process.internal.pool;

import java.util.Arrays;

/**
 * Where all decisions of a simulated scenario come from: a seed, or a list of decisions that was recorded. When the
 * list is exhausted each decision is 0, which is the harmless one by convention.
 */
final class SimChoices {

    private long state;
    private final int[] replayed;
    private final boolean recording;
    private int[] made = new int[0];
    private int count;

    private SimChoices(long seed, int[] replayed, boolean recording) {
        this.state = mix(seed + 0x9e3779b97f4a7c15L);
        this.replayed = replayed;
        this.recording = recording;
    }

    static SimChoices of(long seed) {
        return new SimChoices(seed, null, false);
    }

    /** Records the decisions, to be shrunk. */
    static SimChoices recording(long seed) {
        return new SimChoices(seed, null, true);
    }

    static SimChoices replay(int[] decisions) {
        return new SimChoices(0, decisions, true);
    }

    private static long mix(long seed) {
        long z = seed * 0xbf58476d1ce4e5b9L;
        z ^= z >>> 29;
        z *= 0x94d049bb133111ebL;
        return (z ^ z >>> 32) | 1;
    }

    /** Returns a number from 0 to {@code bound - 1}. */
    int below(int bound) {
        if (bound <= 1) {
            return 0;
        }
        int choice;
        if (replayed != null) {
            choice = count < replayed.length ? Math.min(replayed[count], bound - 1) : 0;
        } else {
            long x = state;
            x ^= x << 13;
            x ^= x >>> 7;
            x ^= x << 17;
            state = x;
            choice = (int) (((x >>> 33) * bound) >>> 31);
        }
        if (recording) {
            if (count == made.length) {
                made = Arrays.copyOf(made, Math.max(256, 2 * count));
            }
            made[count] = choice;
        }
        count++;
        return choice;
    }

    /** Returns true once in a number of times. */
    boolean oneIn(int times) {
        return below(times) == times - 1;
    }

    /** What was decided. */
    int[] made() {
        return Arrays.copyOf(made, Math.min(count, made.length));
    }
}
