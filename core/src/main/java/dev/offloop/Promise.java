package dev.offloop;

import org.jspecify.annotations.Nullable;

/**
 * A future that its holder completes. Made by {@link EventLoop#createFuture()}.
 *
 * <ul>
 *   <li>It is completed once, on the loop's thread. From another thread: {@code loop.callSoonThreadsafe(() ->
 *       promise.setResult(x))}.
 *   <li>Completing it a second time, or after it was cancelled, throws {@link IllegalStateException}.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Future} as {@code loop.create_future()} returns it.
 *
 * @param <T> the type of the result
 */
public interface Promise<T extends @Nullable Object> extends Future<T> {

    /**
     * Completes this future with a result.
     *
     * @param result the result
     * @throws IllegalStateException if this future is done
     * @throws WrongThreadException if called from outside the loop's side
     */
    void setResult(T result);

    /**
     * Completes this future with a failure, which is thrown where it is awaited.
     *
     * @param exception the failure
     * @throws IllegalStateException if this future is done
     * @throws WrongThreadException if called from outside the loop's side
     */
    void setException(Throwable exception);
}
