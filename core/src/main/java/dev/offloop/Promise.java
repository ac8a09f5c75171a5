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
 * <p>Answers to {@code asyncio.Future} as {@code loop.create_future()} returns it.
 *
 * @param <T> the type of the result
 */
public interface Promise<T extends @Nullable Object> extends Future<T> {

    /** Completes it with a result. */
    void setResult(T result);

    /** Completes it with a failure, which is raised where it is awaited. */
    void setException(Throwable exception);
}
