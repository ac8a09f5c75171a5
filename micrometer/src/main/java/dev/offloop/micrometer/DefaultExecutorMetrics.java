package dev.offloop.micrometer;

import dev.offloop.EventLoop;
import dev.offloop.monitor.ExecutorStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * Publishes the default executor of a loop, which runs what is given to {@code toThread}, under Micrometer's own names
 * for executors: {@code executor.active}, {@code executor.queued}, {@code executor.pool.size} (at most) and
 * {@code executor.completed}, with the tag {@code name}.
 *
 * <p>For an executor that was made elsewhere there is Micrometer's {@code ExecutorServiceMetrics}.
 */
public final class DefaultExecutorMetrics implements MeterBinder {

    private final EventLoop loop;
    private final String name;
    private final Iterable<Tag> tags;

    /**
     * Publishes the default executor of a loop.
     *
     * @param loop the loop
     * @param name the value of the tag {@code name}
     */
    public DefaultExecutorMetrics(EventLoop loop, String name) {
        this(loop, name, List.of());
    }

    /**
     * Publishes the default executor of a loop.
     *
     * @param loop the loop
     * @param name the value of the tag {@code name}
     * @param tags more tags for each meter
     */
    public DefaultExecutorMetrics(EventLoop loop, String name, Iterable<Tag> tags) {
        this.loop = Objects.requireNonNull(loop, "loop");
        this.name = Objects.requireNonNull(name, "name");
        this.tags = Objects.requireNonNull(tags, "tags");
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Tags tags = Tags.of("name", name).and(this.tags);
        gauge(registry, tags, "active", "Functions that run", ExecutorStatistics::active);
        gauge(registry, tags, "queued", "Functions that wait for a thread", ExecutorStatistics::queued);
        gauge(registry, tags, "pool.size", "Functions that can run at a time", ExecutorStatistics::size);
        FunctionCounter.builder(
                        "executor.completed",
                        loop,
                        loop -> sum(loop, executor -> executor.calls() - (double) executor.unfinished()))
                .description("Functions that have ended")
                .tags(tags)
                .register(registry);
    }

    private void gauge(
            MeterRegistry registry,
            Tags tags,
            String name,
            String description,
            ToDoubleFunction<ExecutorStatistics> figure) {
        Gauge.builder("executor." + name, loop, loop -> sum(loop, figure))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** There is none before its first use. */
    private static double sum(EventLoop loop, ToDoubleFunction<ExecutorStatistics> figure) {
        return loop.statistics().executors().stream()
                .filter(executor -> executor.name().startsWith("default executor"))
                .mapToDouble(figure)
                .sum();
    }
}
