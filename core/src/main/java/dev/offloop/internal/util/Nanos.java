package dev.offloop.internal.util;

import java.time.Duration;

/** Durations as nanoseconds that saturate: 292 years count as no limit. */
public final class Nanos {

    private static final long ORIGIN = System.nanoTime();

    private Nanos() {}

    /** The real time since the program began to care, which cannot overflow as {@code System.nanoTime()} can. */
    public static long elapsed() {
        return System.nanoTime() - ORIGIN;
    }

    /** The duration in nanoseconds, at least 0. */
    public static long of(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        try {
            return duration.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }

    /** The sum of two that are not negative. */
    public static long sum(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /**
     * Returns the time that is a number of nanoseconds after another, which may be negative; {@link Long#MAX_VALUE} if
     * the number stands for no limit.
     */
    public static long after(long time, long nanos) {
        return nanos >= Long.MAX_VALUE / 2 ? Long.MAX_VALUE : time + nanos;
    }
}
