package dev.offloop;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A result that comes later, to be {@linkplain Async#await awaited} by a task.
 *
 * <ul>
 *   <li>A future belongs to one loop and is completed on that loop's thread.
 *   <li>{@link #done}, {@link #cancelled}, {@link #result} and {@link #exception} may be called from any thread and never
 *       block. {@link #cancel} and {@link #addDoneCallback} may be called from any thread too.
 *   <li>It is a {@link CompletionStage}: the functions given to {@code thenApply} and its kin run on the loop, those given
 *       to the {@code …Async} methods where these methods say. {@link #toCompletableFuture} gives a mirror that other
 *       threads can block on; cancelling the mirror cancels this future.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Future}.
 *
 * @param <T> the type of the result
 */
public interface Future<T extends @Nullable Object> extends CompletionStage<T> {

    /** Whether it has ended: with a result, an exception or a cancellation. */
    boolean done();

    /** Whether it ended in a cancellation. */
    boolean cancelled();

    /**
     * The result, without waiting.
     *
     * @throws Exception what the future failed with: the very same object
     * @throws CancelledError if it was cancelled
     * @throws IllegalStateException if it is not done
     */
    T result() throws Exception;

    /**
     * What it failed with, or null when it succeeded.
     *
     * @throws CancelledError if it was cancelled
     * @throws IllegalStateException if it is not done
     */
    @Nullable
    Throwable exception();

    /** Cancels it without a message. See {@link #cancel(String)}. */
    default boolean cancel() {
        return cancel(null);
    }

    /**
     * Asks it to end in a cancellation, and with it the work behind it: a task gets a {@link CancelledError} at its next
     * await, a function that waits for a thread never runs, one that runs there is interrupted, one in a worker process
     * is stopped.
     *
     * <p>May be called from any thread and does not block. From a thread other than the loop's it is a request: the loop carries it
     * out on a later turn, and the future may end with its result before.
     *
     * @param message the text of the {@link CancelledError}
     * @return false if it was done already
     */
    boolean cancel(@Nullable String message);

    /** Calls {@code callback} on the loop when this future is done; on a later turn of the loop if it already is. */
    void addDoneCallback(Consumer<? super Future<T>> callback);
}
