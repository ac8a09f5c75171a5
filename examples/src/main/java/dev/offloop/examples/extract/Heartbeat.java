package dev.offloop.examples.extract;

import dev.offloop.Async;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/** How late the loop is: a task that sleeps for a short while, over and over, and measures by how much it overslept. */
final class Heartbeat {

    private static final Duration PERIOD = Duration.ofMillis(10);

    private final Histogram delays = new Histogram(3);

    /** Beats until it is cancelled. */
    void beat() {
        while (true) {
            long due = System.nanoTime() + PERIOD.toNanos();
            Async.sleep(PERIOD);
            delays.recordValue(Math.max(0, System.nanoTime() - due) / 1000);
        }
    }

    long beats() {
        return delays.getTotalCount();
    }

    double worstMillis() {
        return delays.getMaxValue() / 1000.0;
    }

    double percentile99Millis() {
        return delays.getValueAtPercentile(99) / 1000.0;
    }
}
