package dev.offloop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs functions outside of this JVM, so that they and their results have to be serializable.
 *
 * <p>{@link EventLoop#runInExecutor(RemoteExecutor, RemoteCallable)} accepts one where it would accept any executor,
 * and its type makes a plain lambda serializable.
 *
 * <ul>
 *   <li>The function is written before {@code submit} returns: later changes to what it captured are not seen.
 *   <li>A function that cannot be written fails the returned future, not the call of {@code submit}.
 *   <li>{@code cancel(true)} on the returned future stops the function if it runs.
 *   <li>The methods that are given a {@code Callable} or {@code Runnable} accept those that are serializable.
 * </ul>
 *
 * <p>Counterpart of {@code concurrent.futures.ProcessPoolExecutor} as an executor.
 */
public interface RemoteExecutor extends ExecutorService {

    /**
     * Sends a function away.
     *
     * @param function the function; what it captures is sent along
     * @param <T> the type of the result
     * @return the future of its result
     */
    <T extends @Nullable Object> CompletableFuture<T> submit(RemoteCallable<T> function);

    /**
     * Sends a function away, with a listener to what the function passes to {@link Offload#progress}.
     *
     * @param function the function; what it captures is sent along
     * @param progressListener receives the values in their order, on a thread of the executor's choice, before the
     *     future ends
     * @param <T> the type of the result
     * @return the future of its result
     */
    default <T extends @Nullable Object> CompletableFuture<T> submit(
            RemoteCallable<T> function, Consumer<@Nullable Object> progressListener) {
        return submit(function);
    }

    /**
     * Behaves as {@link #submit(RemoteCallable)}, for a function that returns nothing.
     *
     * @param action the function
     * @return a future whose result is null
     */
    default CompletableFuture<@Nullable Void> submit(RemoteCallable.Action action) {
        return submit(RemoteCallable.of(action));
    }
}
