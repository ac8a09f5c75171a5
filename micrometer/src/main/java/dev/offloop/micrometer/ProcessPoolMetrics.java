package dev.offloop.micrometer;

import dev.offloop.DurationHistogram;
import dev.offloop.process.PoolStatistics;
import dev.offloop.process.ProcessPoolExecutor;
import dev.offloop.process.WorkerEnd;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Publishes a pool of worker processes, under Micrometer's own names for executors, with the tag {@code name}.
 *
 * <ul>
 *   <li>{@code executor.active}, {@code executor.queued}, {@code executor.pool.size}: busy workers, calls that wait,
 *       and workers
 *   <li>{@code executor}: how often and for how long calls ran; {@code executor.idle}: for how long they waited
 *   <li>{@code executor.completed}: calls that were answered
 *   <li>{@code executor.workers.started}, {@code executor.workers.ended} with the tag {@code reason}: worker processes
 * </ul>
 */
public final class ProcessPoolMetrics implements MeterBinder {

    private final ProcessPoolExecutor pool;
    private final String name;
    private final Iterable<Tag> tags;

    /**
     * Publishes a pool.
     *
     * @param pool the pool
     * @param name the value of the tag {@code name}
     */
    public ProcessPoolMetrics(ProcessPoolExecutor pool, String name) {
        this(pool, name, List.of());
    }

    /**
     * Publishes a pool.
     *
     * @param pool the pool
     * @param name the value of the tag {@code name}
     * @param tags more tags for each meter
     */
    public ProcessPoolMetrics(ProcessPoolExecutor pool, String name, Iterable<Tag> tags) {
        this.pool = Objects.requireNonNull(pool, "pool");
        this.name = Objects.requireNonNull(name, "name");
        this.tags = Objects.requireNonNull(tags, "tags");
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Tags tags = Tags.of("name", name).and(this.tags);
        gauge(registry, tags, "active", "Workers that have a call", PoolStatistics::busy);
        gauge(registry, tags, "queued", "Calls that wait for a worker", PoolStatistics::queued);
        gauge(registry, tags, "pool.size", "Workers", PoolStatistics::workers);
        timer(registry, tags, "executor", "Calls, while a worker has them", PoolStatistics::runTime);
        timer(registry, tags, "executor.idle", "Calls, while they wait for a worker", PoolStatistics::queueTime);
        counter(registry, tags, "completed", "Calls that a worker has answered", PoolStatistics::completed);
        counter(registry, tags, "workers.started", "Worker processes that were started", PoolStatistics::started);
        for (WorkerEnd reason : WorkerEnd.values()) {
            counter(
                    registry,
                    tags.and("reason", reason.name().toLowerCase(Locale.ROOT)),
                    "workers.ended",
                    "Worker processes that have ended",
                    statistics -> statistics.ended().getOrDefault(reason, 0L));
        }
    }

    private void gauge(
            MeterRegistry registry,
            Tags tags,
            String name,
            String description,
            ToDoubleFunction<PoolStatistics> figure) {
        Gauge.builder("executor." + name, pool, pool -> figure.applyAsDouble(pool.statistics()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void counter(
            MeterRegistry registry,
            Tags tags,
            String name,
            String description,
            ToDoubleFunction<PoolStatistics> figure) {
        FunctionCounter.builder("executor." + name, pool, pool -> figure.applyAsDouble(pool.statistics()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void timer(
            MeterRegistry registry,
            Tags tags,
            String name,
            String description,
            Function<PoolStatistics, DurationHistogram> times) {
        FunctionTimer.builder(
                        name,
                        pool,
                        pool -> times.apply(pool.statistics()).count(),
                        pool -> times.apply(pool.statistics()).total().toNanos(),
                        TimeUnit.NANOSECONDS)
                .description(description)
                .tags(tags)
                .register(registry);
    }
}
