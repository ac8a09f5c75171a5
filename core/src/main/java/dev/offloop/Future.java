package dev.offloop;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds a result that comes later and that a task can {@linkplain Async#await await}.
 *
 * <ul>
 *   <li>A future belongs to one loop and is completed on that loop's thread.
 *   <li>{@link #done}, {@link #cancelled}, {@link #result} and {@link #exception} may be called from any thread and
 *       never block. {@link #cancel} and {@link #addDoneCallback} may be called from any thread too.
 *   <li>It is a {@link CompletionStage}: the functions given to {@code thenApply} and its kin run on the loop, those
 *       given to the {@code …Async} methods where these methods say. {@link #toCompletableFuture} gives a mirror that
 *       other threads can block on; cancelling the mirror cancels this future.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Future}.
 *
 * @param <T> the type of the result
 */
public interface Future<T extends @Nullable Object> extends CompletionStage<T> {

    /**
     * Returns whether this future has ended: with a result, an exception or a cancellation.
     *
     * @return true if it has ended
     */
    boolean done();

    /**
     * Returns whether this future ended in a cancellation.
     *
     * @return true if it was cancelled
     */
    boolean cancelled();

    /**
     * Returns the result, without waiting.
     *
     * @return the result
     * @throws Exception the failure of this future: the same object
     * @throws CancelledError if it was cancelled
     * @throws IllegalStateException if it is not done
     */
    T result() throws Exception;

    /**
     * Returns the failure, or null if this future succeeded.
     *
     * @return the failure, or null
     * @throws CancelledError if it was cancelled
     * @throws IllegalStateException if it is not done
     */
    @Nullable
    Throwable exception();

    /**
     * Cancels this future without a message. See {@link #cancel(String)}.
     *
     * @return false if it was done already
     */
    default boolean cancel() {
        return cancel(null);
    }

    /**
     * Requests the cancellation of this future and of the work behind it: a task gets a {@link CancelledError} at its
     * next await, a function that waits for a thread never runs, one that runs there is interrupted, one in a worker
     * process is stopped.
     *
     * <p>May be called from any thread and does not block. From a thread other than the loop's it is a request: the
     * loop carries it out on a later turn, and the future may end with its result before.
     *
     * @param message the text of the {@link CancelledError}
     * @return false if it was done already
     */
    boolean cancel(@Nullable String message);

    /**
     * Calls {@code callback} on the loop when this future is done; on a later turn of the loop if it already is.
     *
     * @param callback the callback
     */
    void addDoneCallback(Consumer<? super Future<T>> callback);
}
