package dev.offloop;

import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.offload.Places;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how many functions run at a time, on threads that it does not own: {@code loop.runInExecutor(limiter, () ->
 * …)}.
 *
 * <p>A function takes a <i>place</i> before it is handed on, in the order of arrival, and leaves it when it really
 * ends, which may be after its future has ended.
 *
 * <ul>
 *   <li>May be shared by several loops, and used by plain threads.
 *   <li>The limit may be changed at any time. A lower one takes no place from a function that runs.
 *   <li>Functions of one loop that wait for each other's places, through {@link Offload#call}, get an error instead of
 *       a deadlock, as far as it can be found: through tasks, groups, gathers and shields, but not through stages that
 *       were derived with {@code thenApply} and the like, or completed by hand.
 *   <li>A function that still waits when its executor is shut down is rejected by it.
 * </ul>
 *
 * <p>Counterpart of {@code anyio.CapacityLimiter}.
 */
public final class CapacityLimiter implements Executor {

    /**
     * Holds the figures of a limiter at a moment.
     *
     * @param limit how many functions may run at a time
     * @param running how many have a place
     * @param waiting how many wait for one
     */
    public record Statistics(int limit, int running, int waiting) {}

    private final @Nullable Executor executor;
    private final Places places;

    /**
     * Creates a limiter on the default executor of the loop that uses it.
     *
     * @param limit how many functions may run at a time, at least 1
     * @throws IllegalArgumentException if the limit is less than 1
     */
    public CapacityLimiter(int limit) {
        this(limit, null);
    }

    /**
     * Creates a limiter on an executor.
     *
     * @param limit how many functions may run at a time, at least 1
     * @param executor runs the functions; null for the default executor of the loop that uses the limiter
     * @throws IllegalArgumentException if the limit is less than 1, or the executor is a {@link RemoteExecutor}
     */
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

    /**
     * Returns how many functions may run at a time.
     *
     * @return the limit, at least 1
     */
    public int limit() {
        return statistics().limit();
    }

    /**
     * Changes the limit. New places go to the functions that have waited longest; fewer take effect as places become
     * free.
     *
     * @param limit how many functions may run at a time, at least 1
     * @throws IllegalArgumentException if the limit is less than 1
     */
    public void setLimit(int limit) {
        places.setLimit(checked(limit));
    }

    /**
     * Returns the figures of this moment.
     *
     * @return the figures
     */
    public Statistics statistics() {
        return places.count(Statistics::new);
    }

    /**
     * Runs a function when there is a place for it.
     *
     * @param function the function
     * @throws IllegalStateException if the limiter has no executor of its own, and the caller is not a task or callback
     *     of a loop
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
