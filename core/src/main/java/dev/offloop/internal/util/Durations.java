package dev.offloop.internal.util;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/** Durations in messages. */
public final class Durations {

    private Durations() {}

    /**
     * Returns a duration as people write it: {@code 500 ms}, {@code 1.5 s}, {@code 2 min 30 s}, {@code 3 d}. What is
     * finer than a thousandth of the unit is left out.
     */
    public static String inWords(Duration duration) {
        if (duration.isNegative()) {
            return duration.toSeconds() == Long.MIN_VALUE ? duration.toString() : "-" + inWords(duration.negated());
        }
        if (duration.compareTo(Duration.ofMinutes(1)) >= 0) {
            var words = new StringBuilder();
            append(words, duration.toDays(), "d");
            append(words, duration.toHoursPart(), "h");
            append(words, duration.toMinutesPart(), "min");
            append(words, duration.toSecondsPart(), "s");
            return words.toString();
        }
        long nanos = duration.toNanos();
        if (nanos == 0 || nanos >= 1_000_000_000) {
            return decimal(nanos, 9) + " s";
        }
        return nanos >= 1_000 ? decimal(nanos, 6) + " ms" : nanos + " ns";
    }

    private static String decimal(long nanos, int digits) {
        return BigDecimal.valueOf(nanos, digits)
                .setScale(3, RoundingMode.DOWN)
                .stripTrailingZeros()
                .toPlainString();
    }

    private static void append(StringBuilder words, long count, String unit) {
        if (count > 0) {
            words.append(words.isEmpty() ? "" : " ").append(count).append(' ').append(unit);
        }
    }

    /** {@link #inWords(Duration)} of nanoseconds. */
    public static String inWords(long nanos) {
        return inWords(Duration.ofNanos(nanos));
    }

    /** Returns the duration, or throws {@code IllegalArgumentException} unless it is more than zero. */
    public static Duration positive(String name, Duration duration) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException(name + " must be positive: " + inWords(duration));
        }
        return duration;
    }

    /** Returns the duration, or throws {@code IllegalArgumentException} if it is less than zero. */
    public static Duration notNegative(String name, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative: " + inWords(duration));
        }
        return duration;
    }
}
