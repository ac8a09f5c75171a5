package dev.offloop.process;

import dev.offloop.CancelledError;
import dev.offloop.RemoteFunction;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a state in a worker process of its own, and runs functions on it:
 *
 * <pre>{@code
 * try (WorkerSession<Model> session = pool.openSession(() -> loadModel(path))) {
 *     String label = session.submit(model -> model.classify(image)).get();
 * }
 * }</pre>
 *
 * <ul>
 *   <li><b>Order:</b> functions run one at a time, in the order of their submission. So the state needs no locks.
 *   <li><b>The state</b> never leaves its process, so it need not be serializable. A function that returns it, or a
 *       part of it, sends a copy.
 *   <li><b>The worker</b> is none of {@link ProcessPoolExecutor.Builder#maxWorkers}, and serves no other calls. It is
 *       started with the options of the pool, its initializer included. Those that retire workers do not apply:
 *       {@code idleTimeout}, {@code maxTasksPerWorker}, {@code maxRss} and {@code maxRssGrowth}.
 *   <li><b>The end of the process,</b> by a crash, a full heap or a function that ignores its cancellation, is the end
 *       of the session. A function that ran fails as any call does, such as with a {@link WorkerCrashedException}.
 *       Those that wait, and all later ones, fail with a {@link SessionEndedException} that has the reason. No other
 *       process takes its place, since the state is lost: open another session.
 *   <li><b>A state that cannot be made</b> ends the session too: all functions fail with a
 *       {@link SessionEndedException} among whose causes is what the function that makes it has thrown.
 *   <li><b>Exceptions, cancellation and timeouts</b> are those of a call of the pool. A function that ends when it is
 *       cancelled leaves the session, and whatever it has done to the state.
 *   <li><b>Threads:</b> all methods may be called from any thread.
 * </ul>
 *
 * <p>Counterpart of an actor of Ray or Dask; {@code concurrent.futures} has none.
 *
 * @param <S> the state
 */
public interface WorkerSession<S extends @Nullable Object> extends AutoCloseable {

    /**
     * Submits a function to run on the state. One that has nothing to return returns null: {@code state -> {
     * state.reset(); return null; }}.
     *
     * @param <T> what the function returns
     * @param function gets the state
     * @return the future of the result; {@code cancel(true)} on it, or completing it from outside, cancels the call
     * @throws RejectedExecutionException if the session or its pool was closed or shut down, or if
     *     {@link ProcessPoolExecutor.Builder#maxQueued} functions wait and the caller does not wait, or cannot
     */
    <T extends @Nullable Object> CompletableFuture<T> submit(RemoteFunction<? super S, T> function);

    /**
     * Submits a function with options for this call; otherwise as {@link #submit(RemoteFunction)}.
     *
     * @param <T> what the function returns
     * @param options timeout, processor time and progress listener; no priority and no retries
     * @param function gets the state
     * @return the future of the result
     * @throws IllegalArgumentException if the options have a priority, since functions run in order, or retries, since
     *     the state is lost in a crash
     * @throws RejectedExecutionException as {@link #submit(RemoteFunction)}
     */
    <T extends @Nullable Object> CompletableFuture<T> submit(
            CallOptions options, RemoteFunction<? super S, T> function);

    /**
     * Returns the process id of the worker. Waits until the state was made: a task of an event loop awaits, a thread
     * blocks.
     *
     * @return the process id, also when the process has ended meanwhile; in a {@link Sandbox} that of {@code bwrap}
     * @throws SessionEndedException if the state could not be made
     */
    long pid();

    /**
     * Takes no more functions, runs those that it has, closes the state if that is {@link AutoCloseable}, and waits for
     * the end of the process.
     *
     * <ul>
     *   <li>It waits for {@link ProcessPoolExecutor.Builder#closeTimeout}, as {@link ProcessPoolExecutor#close} does;
     *       then the functions are cancelled and the process is killed.
     *   <li>A thread blocks meanwhile; a task of an event loop awaits. An interrupt, or a cancellation, kills the
     *       process at once.
     *   <li>What the state's {@code close} throws is logged.
     *   <li>Further calls have no effect but to wait. The pool closes its sessions with itself.
     * </ul>
     *
     * @throws CancelledError if the calling task is cancelled meanwhile
     */
    @Override
    void close();
}
