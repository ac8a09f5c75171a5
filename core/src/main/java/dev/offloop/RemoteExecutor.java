package dev.offloop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An executor whose functions run outside this JVM, so that they and their results have to be serializable.
 *
 * <p>{@link EventLoop#runInExecutor(RemoteExecutor, RemoteCallable)} accepts one where it would accept any executor,
 * and by its type makes a plain lambda serializable.
 *
 * <ul>
 *   <li>The function is written before {@code submit} returns: later changes to what it captured are not seen.
 *   <li>A function that cannot be written fails the returned future, not the call of {@code submit}.
 *   <li>{@code cancel(true)} on the returned future stops the function if it runs.
 * </ul>
 */
public interface RemoteExecutor extends ExecutorService {

    /** Sends the function away and returns the future of its result. */
    <T extends @Nullable Object> CompletableFuture<T> submit(RemoteCallable<T> function);

    /**
     * {@link #submit(RemoteCallable)}, with a listener to what the function says by {@link Offload#progress}. It is
     * called in that order, on a thread of the executor's choice, and before the future ends.
     */
    default <T extends @Nullable Object> CompletableFuture<T> submit(
            RemoteCallable<T> function, Consumer<@Nullable Object> progressListener) {
        return submit(function);
    }

    /** The void form of {@link #submit(RemoteCallable)}. */
    default CompletableFuture<@Nullable Void> submit(RemoteCallable.Action action) {
        return submit(RemoteCallable.of(action));
    }
}
