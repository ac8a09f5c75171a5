package dev.offloop;

import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.offload.Places;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An executor that runs at most so many functions at a time, on threads that it does not own:
 * {@code loop.runInExecutor(limiter, () -> …)}.
 *
 * <p>A function takes a <i>place</i> before it is handed on, in the order of arrival, and leaves it when it really
 * ends, however its future has ended before.
 *
 * <ul>
 *   <li>May be shared by several loops, and used by plain threads.
 *   <li>The limit may be changed at any time. A lower one takes nothing from those that run.
 *   <li>Functions of one loop that wait for each other's places, by way of {@link Offload#call}, get an error instead
 *       of a deadlock, as far as that can be seen: through tasks, groups, gathers and shields, but not through stages
 *       that were derived with {@code thenApply} and the like, or completed by hand.
 *   <li>A function that still waits when its executor is shut down is refused by it.
 * </ul>
 *
 * <p>Counterpart of {@code anyio.CapacityLimiter}.
 */
public final class CapacityLimiter implements Executor {

    /**
     * What a limiter does at a moment.
     *
     * @param limit how many functions may run at a time
     * @param running how many have a place
     * @param waiting how many wait for one
     */
    public record Statistics(int limit, int running, int waiting) {}

    private final @Nullable Executor executor;
    private final Places places;

    /** A limiter on the default executor of the loop that uses it. */
    public CapacityLimiter(int limit) {
        this(limit, null);
    }

    /** A limiter on an executor. */
    public CapacityLimiter(int limit, @Nullable Executor executor) {
        if (executor instanceof RemoteExecutor) {
            throw new IllegalArgumentException("A CapacityLimiter is for executors in this JVM. A pool of processes has"
                    + " its own limit, maxWorkers");
        }
        this.places = new Places(checked(limit));
        this.executor = executor;
    }

    private static int checked(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("The limit must be at least 1: " + limit);
        }
        return limit;
    }

    /** How many functions may run at a time. */
    public int limit() {
        return statistics().limit();
    }

    /** Changes the limit. More places go to those who wait longest; fewer are taken away as they become free. */
    public void setLimit(int limit) {
        places.setLimit(checked(limit));
    }

    /** What it does now. */
    public Statistics statistics() {
        return places.count(Statistics::new);
    }

    /**
     * Runs a function when there is a place for it.
     *
     * @throws IllegalStateException if the limiter has no executor of its own, and this is not a task or callback of a
     *     loop
     */
    @Override
    public void execute(Runnable function) {
        Objects.requireNonNull(function, "function");
        places.execute(function, executor != null ? executor : defaultExecutor());
    }

    private static Executor defaultExecutor() {
        Loop loop = Loop.currentOrNull();
        if (loop == null) {
            throw new IllegalStateException(
                    "A CapacityLimiter without an executor of its own can only be used on an event"
                            + " loop, by loop.runInExecutor(limiter, …). Elsewhere use new CapacityLimiter(limit, executor)");
        }
        return loop.externalWork().defaultExecutor();
    }

    /** Whether it has an executor of its own. */
    boolean hasExecutor() {
        return executor != null;
    }

    @Override
    public String toString() {
        return places.toString();
    }
}
