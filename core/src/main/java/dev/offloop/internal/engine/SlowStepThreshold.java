package dev.offloop.internal.engine;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the system property that sets how long a step may block loops that do not say otherwise. */
public final class SlowStepThreshold {

    private static final String PROPERTY = "offloop.slowStepThreshold";
    private static final Duration DEFAULT = Duration.ofMillis(100);

    private SlowStepThreshold() {}

    /** Returns the threshold; zero if the watchdog is switched off. */
    public static Duration byDefault() {
        return parse(System.getProperty(PROPERTY, ""));
    }

    static Duration parse(String value) {
        if (value.isEmpty()) {
            return DEFAULT; // before the machinery of regular expressions is loaded
        }
        Matcher matcher = Pattern.compile("(\\d{1,9}) ?(ms|s)").matcher(value);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            return matcher.group(2).equals("ms") ? Duration.ofMillis(number) : Duration.ofSeconds(number);
        }
        return switch (value) {
            case "off" -> Duration.ZERO;
            default ->
                throw new IllegalStateException("System property " + PROPERTY + " is '" + value
                        + "': use a duration such as '250ms' or '2s', or 'off', or leave it out");
        };
    }
}
