package dev.offloop.process.internal.util;

import java.time.Duration;

/** Durations that users give, as nanoseconds. */
public final class Durations {

    /** Longer than that counts as unlimited; twice that is still a number of nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(50_000);

    private Durations() {}

    /** Returns the nanoseconds, or {@link Long#MAX_VALUE} for a duration that counts as unlimited. */
    public static long nanos(Duration duration) {
        return duration.compareTo(LONGEST) < 0 ? duration.toNanos() : Long.MAX_VALUE;
    }

    /** Returns the time that is a number of nanoseconds after another; {@link Long#MAX_VALUE} after an unlimited duration. */
    public static long after(long time, long nanos) {
        return nanos >= Long.MAX_VALUE / 2 ? Long.MAX_VALUE : time + nanos;
    }

    /** Returns a duration as people write it: {@code 500 ms}, {@code 2 s}, {@code 1 min}. */
    public static String inWords(long nanos) {
        long millis = nanos / 1_000_000;
        if (nanos > 0 && millis == 0) {
            return nanos + " ns";
        }
        if (millis % 1000 != 0 || millis == 0) {
            return millis + " ms";
        }
        long seconds = millis / 1000;
        return seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }

    public static Duration positive(String name, Duration duration) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException(name + " must be positive: " + duration);
        }
        return duration;
    }

    public static Duration notNegative(String name, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative: " + duration);
        }
        return duration;
    }
}
