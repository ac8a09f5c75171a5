package dev.offloop.process;

import java.time.Duration;

/** Durations that users give, as nanoseconds. */
final class Durations {

    /** Longer than that is for ever; twice that still is a number of nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(50_000);

    private Durations() {}

    /** {@link Long#MAX_VALUE} if it is as good as for ever. */
    static long nanos(Duration duration) {
        return duration.compareTo(LONGEST) < 0 ? duration.toNanos() : Long.MAX_VALUE;
    }

    /** The time so long after another, on the clock of {@code System.nanoTime()}; for ever after is never. */
    static long after(long time, long nanos) {
        return nanos >= Long.MAX_VALUE / 2 ? Long.MAX_VALUE : time + nanos;
    }

    static Duration positive(String name, Duration duration) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException(name + " must be positive: " + duration);
        }
        return duration;
    }

    static Duration notNegative(String name, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative: " + duration);
        }
        return duration;
    }
}
