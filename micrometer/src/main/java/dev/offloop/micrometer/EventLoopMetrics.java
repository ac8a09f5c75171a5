package dev.offloop.micrometer;

import dev.offloop.EventLoop;
import dev.offloop.monitor.LoopStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Publishes what an event loop does, under the names that OpenTelemetry has for Node.js without its prefix.
 *
 * <ul>
 *   <li>{@code eventloop.delay.mean}, {@code .p50}, {@code .p90}, {@code .p99}, {@code .max}: how late steps start that
 *       are ready, see {@link LoopStatistics#lag}
 *   <li>{@code eventloop.utilization}: which part of the time the loop was busy, from 0 to 1
 *   <li>{@code eventloop.tasks}, {@code eventloop.ready}, {@code eventloop.timers}: how many there are
 *   <li>{@code eventloop.steps}, {@code eventloop.slow.steps}: how many there were
 *   <li>{@code eventloop.pauses}: how often and for how long the JVM stood still, or its loops got no processor
 * </ul>
 *
 * <p>Delay and utilization are those of the time between two readings, at least ten seconds. All have the tag
 * {@code name}, the loop's name. Meters are read on the registry's threads, also while the loop is blocked.
 */
public final class EventLoopMetrics implements MeterBinder {

    private final EventLoop loop;
    private final Iterable<Tag> tags;

    /**
     * Publishes a loop with no more tags than its name.
     *
     * @param loop the loop
     */
    public EventLoopMetrics(EventLoop loop) {
        this(loop, List.of());
    }

    /**
     * Publishes a loop.
     *
     * @param loop the loop
     * @param tags more tags for each meter
     */
    public EventLoopMetrics(EventLoop loop, Iterable<Tag> tags) {
        this.loop = Objects.requireNonNull(loop, "loop");
        this.tags = Objects.requireNonNull(tags, "tags");
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Tags tags = Tags.of("name", loop.statistics().loop()).and(this.tags);
        var interval = new Interval(loop);
        delay(registry, tags, interval, "mean", -1);
        delay(registry, tags, interval, "p50", 50);
        delay(registry, tags, interval, "p90", 90);
        delay(registry, tags, interval, "p99", 99);
        delay(registry, tags, interval, "max", 100);
        Gauge.builder("eventloop.utilization", interval, Interval::utilization)
                .description("Which part of the time the loop was busy, from 0 to 1")
                .tags(tags)
                .strongReference(true)
                .register(registry);
        gauge(registry, tags, "tasks", "Tasks that have not ended", LoopStatistics::tasks);
        gauge(registry, tags, "ready", "Steps that are ready to run", LoopStatistics::ready);
        gauge(registry, tags, "timers", "Timers that wait for their time", LoopStatistics::timers);
        counter(registry, tags, "steps", "Steps that have run", LoopStatistics::steps);
        counter(registry, tags, "slow.steps", "Steps and turns that were slow", LoopStatistics::slowSteps);
        FunctionTimer.builder(
                        "eventloop.pauses",
                        loop,
                        loop -> loop.statistics().pauses(),
                        loop -> loop.statistics().pauseTime().toNanos(),
                        TimeUnit.NANOSECONDS)
                .description("Time in which the JVM stood still, or its loops got no processor")
                .tags(tags)
                .register(registry);
    }

    private static void delay(MeterRegistry registry, Tags tags, Interval interval, String name, double percentage) {
        TimeGauge.builder(
                        "eventloop.delay." + name, interval, TimeUnit.NANOSECONDS, each -> each.delayNanos(percentage))
                .description("How late steps start that are ready")
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }

    private interface Figure {
        double of(LoopStatistics statistics);
    }

    private void gauge(MeterRegistry registry, Tags tags, String name, String description, Figure figure) {
        Gauge.builder("eventloop." + name, loop, loop -> figure.of(loop.statistics()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void counter(MeterRegistry registry, Tags tags, String name, String description, Figure figure) {
        FunctionCounter.builder("eventloop." + name, loop, loop -> figure.of(loop.statistics()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** The time between two readings: the gauges of one scrape see the same. */
    private static final class Interval {
        private static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(10);

        private final EventLoop loop;
        private LoopStatistics before;
        private LoopStatistics now;

        Interval(EventLoop loop) {
            this.loop = loop;
            this.now = loop.statistics();
            this.before = now;
        }

        /** A new reading, unless the last one is of just now. Ten seconds later it is the one before. */
        private synchronized void read() {
            LoopStatistics next = loop.statistics();
            if (next.age().minus(before.age()).toNanos() >= 2 * SHORTEST_NANOS) {
                before = now;
            }
            now = next;
        }

        synchronized double delayNanos(double percentage) {
            read();
            var lag = now.lag().since(before.lag());
            return (percentage < 0 ? lag.mean() : percentage == 100 ? lag.max() : lag.percentile(percentage)).toNanos();
        }

        synchronized double utilization() {
            read();
            return now.utilizationSince(before);
        }
    }
}
