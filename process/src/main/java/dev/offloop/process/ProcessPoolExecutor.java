package dev.offloop.process;

import dev.offloop.Async;
import dev.offloop.CancelledError;
import dev.offloop.RemoteCallable;
import dev.offloop.RemoteExecutor;
import dev.offloop.RemoteFunction;
import dev.offloop.Task;
import dev.offloop.internal.util.Durations;
import dev.offloop.internal.util.Nanos;
import dev.offloop.process.internal.io.Bubblewrap;
import dev.offloop.process.internal.io.CommandLine;
import dev.offloop.process.internal.io.DebugAgent;
import dev.offloop.process.internal.io.LaunchOptions;
import dev.offloop.process.internal.io.WorkerCommand;
import dev.offloop.process.internal.io.WorkerEnvironment;
import dev.offloop.process.internal.io.WorkerIo;
import dev.offloop.process.internal.io.WorkerLimits;
import dev.offloop.process.internal.pool.Pool;
import dev.offloop.process.internal.pool.PoolOptions;
import dev.offloop.process.internal.util.Log;
import dev.offloop.process.internal.wire.Handshake;
import dev.offloop.process.internal.wire.Reading;
import dev.offloop.process.internal.wire.Values;
import dev.offloop.process.internal.wire.WorkerBody;
import dev.offloop.process.internal.wire.Writing;
import dev.offloop.process.internal.worker.WorkerThread;
import java.io.ObjectInputFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs functions in worker processes: JVMs of their own, which may crash, leak, run for ever or fill their heap without
 * harm to this one. It is an {@code ExecutorService}, and needs no event loop.
 *
 * <pre>{@code
 * try (ProcessPoolExecutor pool = ProcessPoolExecutor.create()) {
 *     int square = pool.submit(() -> compute(50)).get();
 * }
 * }</pre>
 *
 * <h2>How it works</h2>
 *
 * <p>The calling thread writes the function with JDK serialization or a {@link Codec}. Three rooms do the rest:
 *
 * <ul>
 *   <li>{@code internal.pool}, behind {@code Pool}: the {@code Dispatcher} assigns calls to workers,
 *       {@code WorkerStarter} and {@code WorkerEnds} look after the life of workers, the {@code Supervisor} keeps the
 *       deadlines, {@code PoolLifecycle} ends the pool. All of them work on one state under one lock.
 *   <li>{@code internal.io}, behind {@code WorkerIo}: processes, sockets and threads. A worker has a private socket for
 *       calls and another one for cancellations.
 *   <li>{@code WorkerMain}, in the worker: reads a call, runs it, and sends back what it returned or threw.
 * </ul>
 *
 * <h2>Threads</h2>
 *
 * <p>A pool starts its threads with its first worker. All of them are daemons, named after the {@linkplain Builder#name
 * pool}:
 *
 * <ul>
 *   <li>{@code …-io} exchanges messages with all workers. It reads results that are null, numbers, booleans, strings
 *       and byte arrays.
 *   <li>{@code …-results-n} read all other results, exceptions and progress values, since reading those may run code of
 *       their classes: at most one thread for each worker.
 *   <li>{@code …-timer} keeps the deadlines, and reads no results.
 *   <li>{@code …-starter} starts processes, while there are some to start.
 *   <li>{@code …-output} reads what workers print, unless that is {@linkplain WorkerOutput#inherited inherited}.
 *   <li>{@code …-memory} watches the memory of workers, if there is a {@link Builder#memoryLimit} and no control group.
 * </ul>
 *
 * <h2>Guarantees</h2>
 *
 * <ul>
 *   <li><b>Submitting:</b> {@code submit} does not wait, unless {@link Builder#blockWhenFull} is set, and may be called
 *       from any thread, including that of an event loop. A lambda is serializable by itself where the static type of
 *       the pool is this class or {@link RemoteExecutor}; what it captures has to be serializable too. For
 *       {@code invokeAll} write {@code List.<RemoteCallable<Integer>>of(() -> …)}.
 *   <li><b>Workers</b> are started when calls need them, up to the maximum, and are reused. They end when this process
 *       ends, however it ends, within about a second.
 *   <li><b>Exceptions:</b> what the function throws fails the call with the same type, with the stack trace in the
 *       worker as its cause ({@link RemoteStackTrace}). What cannot be sent fails its own call with a
 *       {@link NotTransferableException}.
 *   <li><b>Crashes:</b> a worker that dies fails the call that it ran with a {@link WorkerCrashedException}. Other
 *       calls are not affected. No call runs twice, unless {@link CallOptions#retryOnCrash} allows it. A worker that
 *       dies while it is idle fails no call, and is logged.
 *   <li><b>Memory:</b> a call whose arguments are larger than the heap of a worker fails with a
 *       {@link WorkerOutOfMemoryException}, and is not sent.
 *   <li><b>Cancellation:</b> {@code cancel(true)} on a future interrupts the function, and kills its process if it has
 *       not ended after {@link Builder#cancelGrace} ({@link WorkerContext}). {@code cancel(false)} lets the function
 *       run and drops its result. A call that waits never runs, in both cases.
 *   <li><b>Deadlines:</b> reading the result belongs to the time of a call. A result that cannot be read in time costs
 *       its own worker, and makes no deadline of another call late.
 *   <li><b>What workers send</b> is checked. A worker that sends what it may not send is killed
 *       ({@link WorkerEnd#PROTOCOL_ERROR}).
 *   <li><b>Dependents</b> of the returned futures that are not {@code …Async} run on a thread of the pool, as a rule
 *       the I/O thread or a results thread, or on the thread that cancels the call or shuts the pool down. They must
 *       not block: one that blocks the I/O thread holds up the whole pool.
 *   <li><b>Progress listeners</b> run on a results thread of the pool, one value after the other, before the future
 *       ends. A slow listener slows its function down ({@link CallOptions}).
 *   <li><b>Shutdown:</b> the pool serves calls while the JVM shuts down, for {@link Builder#jvmShutdownTimeout}.
 * </ul>
 *
 * <p>Counterpart of {@code concurrent.futures.ProcessPoolExecutor}.
 */
public final class ProcessPoolExecutor implements RemoteExecutor {

    private static final AtomicInteger POOLS = new AtomicInteger();
    private static final long DEFAULT_MAX_RESULT_SIZE =
            Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 4);

    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

    private static final long NEVER = Long.MAX_VALUE;

    private final Pool pool;
    private final Sessions sessions;
    private final Reading reading;
    private final Duration closeTimeout;

    /**
     * Makes a pool.
     *
     * @param launch how its workers are started
     * @param options what the pool does with them
     * @param closeTimeout how long the end waits for calls
     * @param maxSessions how many sessions there may be at a time
     */
    ProcessPoolExecutor(LaunchOptions launch, PoolOptions options, Duration closeTimeout, int maxSessions) {
        this.closeTimeout = closeTimeout;
        this.reading = options.reading();
        this.pool = new Pool(options, events -> new WorkerIo(launch, events));
        this.sessions = new Sessions(launch, options, closeTimeout, maxSessions);
        pool.watchJvm();
    }

    Pool pool() {
        return pool;
    }

    /**
     * Returns a new pool of at most as many workers as there are processors, with all other options at their defaults.
     * It starts no process before the first call.
     *
     * @return the pool
     */
    public static ProcessPoolExecutor create() {
        return builder().build();
    }

    /**
     * Returns a new pool of at most a number of workers, with all other options at their defaults. It starts no process
     * before the first call.
     *
     * @param maxWorkers how many workers there are at most; at least 1
     * @return the pool
     * @throws IllegalArgumentException if the number is less than 1
     */
    public static ProcessPoolExecutor create(int maxWorkers) {
        return builder().maxWorkers(maxWorkers).build();
    }

    /**
     * Returns a builder, with all options at their defaults.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    // ---- calls

    /**
     * Submits a function to run in a worker.
     *
     * <ul>
     *   <li>The function is written before this method returns: later changes to what it has captured are not seen.
     *   <li>A function that cannot be written fails the future with a {@link NotTransferableException}.
     *   <li>The future fails with what the function throws, or with one of the exceptions that
     *       {@link ProcessCallException} lists, or with a {@link CallTimeoutException}.
     *   <li>{@code cancel(true)} on the future, or completing it from outside, cancels the call.
     * </ul>
     *
     * @param <T> what the function returns
     * @param function what to run
     * @return the future of the result
     * @throws RejectedExecutionException if the pool was shut down; if its queue is full ({@link Builder#maxQueued})
     *     and the caller does not wait, or cannot; or if the calling thread is interrupted while it waits
     */
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(RemoteCallable<T> function) {
        return submit(CallOptions.DEFAULT, function);
    }

    /**
     * Submits a function with options for this call; otherwise as {@link #submit(RemoteCallable)}.
     *
     * @param <T> what the function returns
     * @param options timeout, priority, retries and progress listener
     * @param function what to run
     * @return the future of the result
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}
     */
    public <T extends @Nullable Object> CompletableFuture<T> submit(CallOptions options, RemoteCallable<T> function) {
        return pool.submit(
                Objects.requireNonNull(function, "function"), Objects.requireNonNull(options, "options"), NEVER);
    }

    /**
     * Submits a function with a listener to its progress, as described at {@link CallOptions}; otherwise as
     * {@link #submit(RemoteCallable)}.
     *
     * @param <T> what the function returns
     * @param function what to run
     * @param progressListener gets what the function passes to {@link dev.offloop.Offload#progress}
     * @return the future of the result
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}
     */
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(
            RemoteCallable<T> function, Consumer<@Nullable Object> progressListener) {
        return submit(CallOptions.DEFAULT.onProgress(progressListener), function);
    }

    /**
     * Submits an action with options for this call; otherwise as {@link #submit(RemoteCallable)}.
     *
     * @param options timeout, priority, retries and progress listener
     * @param action what to run
     * @return a future that is done when the action has ended
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}
     */
    public CompletableFuture<@Nullable Void> submit(CallOptions options, RemoteCallable.Action action) {
        return submit(options, RemoteCallable.of(action));
    }

    /**
     * Submits a function whose class is serializable though its static type is not; otherwise as
     * {@link #submit(RemoteCallable)}. A lambda of this type is not serializable, and fails the future with a
     * {@link NotTransferableException}.
     *
     * @param <T> what the function returns
     * @param function what to run
     * @return the future of the result
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}
     */
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(Callable<T> function) {
        Objects.requireNonNull(function, "function");
        return submit(function instanceof RemoteCallable<T> remote ? remote : new CallableCall<>(function));
    }

    /**
     * Submits an action whose class is serializable though its static type is not; otherwise as
     * {@link #submit(RemoteCallable.Action)}.
     *
     * @param action what to run
     * @return a future that is done when the action has ended
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}
     */
    @Override
    public CompletableFuture<?> submit(Runnable action) {
        return this.<@Nullable Void>submit(action, null);
    }

    /**
     * Submits an action with a result, which is sent to the worker and back, so that the future has a copy of it;
     * otherwise as {@link #submit(Runnable)}.
     *
     * @param <T> the result
     * @param action what to run
     * @param result what the future returns when the action has ended
     * @return the future of the result
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}
     */
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(Runnable action, T result) {
        return submit((RemoteCallable<T>) new RunnableCall<>(Objects.requireNonNull(action, "action"), result));
    }

    /**
     * Runs an action in a worker. A failure is logged by the logger {@code dev.offloop}, since there is no future to
     * fail.
     *
     * @param action what to run; its class has to be serializable
     * @throws NotTransferableException if the action cannot be sent, such as those that
     *     {@code CompletableFuture.supplyAsync} makes
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}
     */
    @Override
    public void execute(Runnable action) {
        if (action instanceof CompletableFuture.AsynchronousCompletionTask || action instanceof RunnableFuture<?>) {
            throw new NotTransferableException(
                    "The " + action.getClass().getName() + " refers to the future that it completes, which is in this"
                            + " process, so it cannot run in another one. Methods such as"
                            + " CompletableFuture.supplyAsync(function, pool) make such actions: use"
                            + " pool.submit(function), which returns a CompletableFuture",
                    null);
        }
        CompletableFuture<?> call = submit(action);
        if (call.state() == Future.State.FAILED && call.exceptionNow() instanceof NotTransferableException cannot) {
            throw cannot;
        }
        logFailure(call);
    }

    /**
     * Runs an action in a worker. A failure is logged by the logger {@code dev.offloop}, since there is no future to
     * fail; so is an action that cannot be sent.
     *
     * @param action what to run; a lambda of this type is serializable
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}
     */
    public void execute(RemoteCallable.Action action) {
        logFailure(submit(action));
    }

    private static void logFailure(CompletableFuture<?> call) {
        var _ = call.whenComplete((_, failure) -> {
            if (failure != null) {
                Log.OFFLOOP.log(System.Logger.Level.ERROR, "A function given to execute(…) failed", failure);
            }
        });
    }

    /**
     * Submits a function, and waits for room in the queue until a time at the latest.
     *
     * @param <T> what the function returns
     * @param function what to run
     * @param until when the wait ends, on the clock of {@code System.nanoTime()}
     * @return the future of the result; null if there was no room in time
     * @throws InterruptedException if the calling thread is interrupted while it waits
     */
    <T extends @Nullable Object> @Nullable CompletableFuture<T> submitUntil(Callable<T> function, long until)
            throws InterruptedException {
        Objects.requireNonNull(function, "function");
        try {
            return pool.submit(
                    function instanceof RemoteCallable<T> remote ? remote : new CallableCall<>(function),
                    CallOptions.DEFAULT,
                    until);
        } catch (RejectedExecutionException e) {
            return switch (e.getCause()) {
                case TimeoutException _ -> null;
                case InterruptedException interrupt -> {
                    boolean _ = Thread.interrupted();
                    throw interrupt;
                }
                case null, default -> throw e;
            };
        }
    }

    record CallableCall<T extends @Nullable Object>(Callable<T> function) implements RemoteCallable<T> {
        @Override
        public T call() throws Exception {
            return function.call();
        }
    }

    record RunnableCall<T extends @Nullable Object>(Runnable action, T result) implements RemoteCallable<T> {
        @Override
        public T call() {
            action.run();
            return result;
        }
    }

    /**
     * Runs functions in workers and waits until all of them have ended.
     *
     * @param <T> what the functions return
     * @param functions what to run; their classes have to be serializable
     * @return the futures, in the order of the functions, all of them done
     * @throws InterruptedException if the calling thread is interrupted; all calls are cancelled
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}; all calls are cancelled
     */
    @Override
    public <T extends @Nullable Object> List<Future<T>> invokeAll(Collection<? extends Callable<T>> functions)
            throws InterruptedException {
        return invokeAll(functions, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    /**
     * Runs functions in workers and waits until all of them have ended or a time is over. Calls that are not done then
     * are cancelled.
     *
     * @param <T> what the functions return
     * @param functions what to run; their classes have to be serializable
     * @param timeout how long to wait; the wait for room in the queue counts
     * @param unit the unit of the timeout
     * @return the futures, in the order of the functions, all of them done
     * @throws InterruptedException if the calling thread is interrupted; all calls are cancelled
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}; all calls are cancelled
     */
    @Override
    public <T extends @Nullable Object> List<Future<T>> invokeAll(
            Collection<? extends Callable<T>> functions, long timeout, TimeUnit unit) throws InterruptedException {
        return Invocations.all(this, functions, Nanos.after(System.nanoTime(), unit.toNanos(timeout)));
    }

    /**
     * Runs functions in workers until one of them succeeds, and cancels the others.
     *
     * @param <T> what the functions return
     * @param functions what to run; at least one. Their classes have to be serializable
     * @return what the first function that succeeded has returned
     * @throws InterruptedException if the calling thread is interrupted; all calls are cancelled
     * @throws ExecutionException if no function succeeds; the cause is the failure of the last one
     * @throws IllegalArgumentException if there is no function
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}; all calls are cancelled
     */
    @Override
    public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> functions)
            throws InterruptedException, ExecutionException {
        try {
            return Invocations.any(this, functions, Long.MAX_VALUE);
        } catch (TimeoutException e) {
            throw new AssertionError("292 years are over", e);
        }
    }

    /**
     * Runs functions in workers until one of them succeeds or a time is over, and cancels the others.
     *
     * @param <T> what the functions return
     * @param functions what to run; at least one. Their classes have to be serializable
     * @param timeout how long to wait; the wait for room in the queue counts
     * @param unit the unit of the timeout
     * @return what the first function that succeeded has returned
     * @throws InterruptedException if the calling thread is interrupted; all calls are cancelled
     * @throws ExecutionException if no function succeeds; the cause is the failure of the last one
     * @throws TimeoutException if no function succeeds in time
     * @throws IllegalArgumentException if there is no function
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}; all calls are cancelled
     */
    @Override
    public <T extends @Nullable Object> T invokeAny(
            Collection<? extends Callable<T>> functions, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return Invocations.any(this, functions, Nanos.after(System.nanoTime(), unit.toNanos(timeout)));
    }

    /**
     * Returns the results of a function for many inputs, in the order of the inputs, with {@link MapOptions#DEFAULT}.
     *
     * <ul>
     *   <li>The stream is lazy: it takes inputs as its results are read, a bounded number ahead, so there may be many
     *       inputs or endlessly many.
     *   <li>What the function throws, the stream throws in the place of the result: an unchecked exception as it is, a
     *       checked one as the cause of a {@link java.util.concurrent.CompletionException}. The other calls are
     *       cancelled then.
     *   <li>Closing the stream cancels the calls that are not done. To leave off early, close it.
     *   <li>When the queue of the pool is full, the stream waits for its own calls. It throws
     *       {@link RejectedExecutionException} if the pool was shut down, or if the queue is full and there is no call
     *       of its own.
     *   <li>Its reader waits: a task of an event loop awaits, so other tasks run; a thread blocks.
     *   <li>It is for one thread or task at a time.
     * </ul>
     *
     * <p>Counterpart of {@code Executor.map}.
     *
     * @param <A> the inputs
     * @param <R> the results
     * @param function what to run for each input
     * @param inputs the inputs; read by the thread that reads the stream
     * @return the results
     */
    public <A extends @Nullable Object, R extends @Nullable Object> Stream<R> map(
            RemoteFunction<? super A, ? extends R> function, Iterable<? extends A> inputs) {
        return map(MapOptions.DEFAULT, function, inputs);
    }

    /**
     * Returns the results of a function for many inputs, with other options than the default; otherwise as
     * {@link #map(RemoteFunction, Iterable)}.
     *
     * @param <A> the inputs
     * @param <R> the results
     * @param options how many inputs one call gets, and how many calls are made ahead
     * @param function what to run for each input
     * @param inputs the inputs; read by the thread that reads the stream
     * @return the results
     */
    public <A extends @Nullable Object, R extends @Nullable Object> Stream<R> map(
            MapOptions options, RemoteFunction<? super A, ? extends R> function, Iterable<? extends A> inputs) {
        return new MapIterator<A, R>(this, options, function, inputs.iterator()).stream();
    }

    /**
     * Runs a function that makes values one after the other, and returns them while it makes them.
     *
     * <ul>
     *   <li>The function is handed in now, as {@link #submit(RemoteCallable)} does it, and runs on its own until too
     *       many values are under way. So the stream has to be iterated to its end, or closed.
     *   <li>Iterating awaits in a task of an event loop and blocks a plain thread.
     *   <li>What the function throws, and the crash of its worker, is thrown where the values are iterated, after those
     *       that had arrived.
     *   <li>{@link Builder#callTimeout} covers the whole life of the stream.
     * </ul>
     *
     * <p>Counterpart of an asynchronous generator; {@code concurrent.futures} has none.
     *
     * @param <T> the values
     * @param generator the function
     * @return the values, for one thread or task at a time
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}
     */
    public <T extends @Nullable Object> RemoteStream<T> stream(RemoteGenerator<T> generator) {
        return stream(CallOptions.DEFAULT, generator);
    }

    /**
     * Runs a function that makes values with options for its call; otherwise as {@link #stream(RemoteGenerator)}.
     *
     * @param <T> the values
     * @param options timeout and priority; no progress listener and no retries, which would repeat values
     * @param generator the function
     * @return the values, for one thread or task at a time
     * @throws IllegalArgumentException if the options have a progress listener or retries
     * @throws RejectedExecutionException as {@link #submit(RemoteCallable)}
     */
    public <T extends @Nullable Object> RemoteStream<T> stream(CallOptions options, RemoteGenerator<T> generator) {
        if (options.progressListener() != null || options.retriesOnCrash() > 0) {
            throw new IllegalArgumentException(
                    "The call of a stream cannot have a progress listener, since its progress is"
                            + " the values, nor be retried, since values would come twice");
        }
        return new ProcessStream<>(this, reading, options, Objects.requireNonNull(generator, "generator"));
    }

    /**
     * Makes a state in a worker process of its own, which keeps it for the functions of the session. Does not wait: the
     * functions do.
     *
     * <ul>
     *   <li>The function that makes the state is written before this method returns, and runs as the first call of the
     *       session: {@link Builder#callTimeout} applies to it.
     *   <li>Sessions have processes of their own besides {@link Builder#maxWorkers}, {@link Builder#maxSessions} at the
     *       most. A session that is not closed keeps its process until the pool is closed.
     *   <li>{@link WorkerSession} describes the rest.
     * </ul>
     *
     * <p>Counterpart of creating an actor in Ray or Dask.
     *
     * @param <S> the state
     * @param state makes the state, in the worker; the state itself need not be serializable
     * @return the session
     * @throws RejectedExecutionException if there are {@link Builder#maxSessions} sessions, or the pool was shut down
     */
    public <S extends @Nullable Object> WorkerSession<S> openSession(RemoteCallable<S> state) {
        return openSession(CallOptions.DEFAULT, state);
    }

    /**
     * Makes a state in a worker process of its own, with options for the call that makes it; otherwise as
     * {@link #openSession(RemoteCallable)}.
     *
     * @param <S> the state
     * @param options timeout, processor time and progress listener; no priority and no retries
     * @param state makes the state
     * @return the session
     * @throws IllegalArgumentException if the options have a priority or retries
     * @throws RejectedExecutionException as {@link #openSession(RemoteCallable)}
     */
    public <S extends @Nullable Object> WorkerSession<S> openSession(CallOptions options, RemoteCallable<S> state) {
        return sessions.open(options, state);
    }

    // ---- the workers

    /**
     * Starts workers up to the maximum now, instead of one by one when calls need them. Does not wait.
     *
     * @return a future that is done when no worker is starting any more. It fails with a {@link WorkerStartException}
     *     if none can be started, and with a {@link RejectedExecutionException} if the pool is shut down before
     * @throws RejectedExecutionException if the pool was shut down
     */
    public CompletableFuture<@Nullable Void> warmUp() {
        return pool.warmUp();
    }

    /**
     * Returns what the pool does now, and what it has done, sessions apart. May be called from any thread, also after
     * the end of the pool.
     *
     * @return the statistics of this moment
     */
    public PoolStatistics statistics() {
        return pool.statistics();
    }

    // ---- the end

    /**
     * Shuts the pool and its sessions down: it rejects new calls, runs those that it has, and then retires its workers.
     * Does not wait. Further calls have no effect.
     */
    @Override
    public void shutdown() {
        pool.shutdown();
        sessions.shutdown();
    }

    /**
     * Shuts the pool down, cancels all calls, including those that run, and kills the workers. Does not wait.
     *
     * @return the calls that waited; their futures are cancelled, and running them does nothing
     */
    @Override
    public List<Runnable> shutdownNow() {
        return shutdownNow(false);
    }

    List<Runnable> shutdownNow(boolean gently) {
        List<Runnable> waiting = new ArrayList<>(pool.shutdownNow(gently));
        waiting.addAll(sessions.shutdownNow(gently));
        return List.copyOf(waiting);
    }

    /**
     * Shuts the pool down and cancels all calls, as {@link #shutdownNow()}, but asks the processes to end
     * ({@code SIGTERM}), so that their shutdown hooks run. Processes that have not ended after two seconds are killed.
     * Does not wait.
     *
     * <p>Counterpart of {@code terminate_workers()}.
     */
    public void terminateWorkers() {
        var _ = shutdownNow(true);
    }

    /**
     * Shuts the pool down, cancels all calls and kills the workers, as {@link #shutdownNow()}. Does not wait.
     *
     * <p>Counterpart of {@code kill_workers()}.
     */
    public void killWorkers() {
        var _ = shutdownNow(false);
    }

    /**
     * Returns whether the pool was shut down, so that it rejects new calls.
     *
     * @return true from the first call of {@link #shutdown} or another method that shuts it down
     */
    @Override
    public boolean isShutdown() {
        return pool.isShutdown();
    }

    /**
     * Returns whether the pool was shut down and all its processes have ended.
     *
     * @return true when nothing of the pool is left
     */
    @Override
    public boolean isTerminated() {
        return pool.isTerminated() && sessions.areTerminated();
    }

    /**
     * Waits until the pool was shut down and all its processes have ended, or until a time is over. Blocks the calling
     * thread.
     *
     * @param timeout how long to wait
     * @param unit the unit of the timeout
     * @return true if the pool has ended, false if the time was over before
     * @throws InterruptedException if the calling thread is interrupted
     * @throws IllegalStateException on a thread of the pool, such as in a dependent of a future that is not
     *     {@code …Async}
     */
    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        long until = Nanos.after(System.nanoTime(), unit.toNanos(timeout));
        return pool.awaitTermination(unit.toNanos(timeout)) && sessions.awaitTermination(until);
    }

    /**
     * Returns when the pool has terminated.
     *
     * @return a future that is done when the pool was shut down and all its processes have ended
     */
    CompletableFuture<@Nullable Void> terminated() {
        return pool.terminated()
                .thenCompose(
                        _ -> CompletableFuture.allOf(sessions.terminations().toArray(CompletableFuture[]::new)));
    }

    /**
     * Returns whether the calling thread is one that the pool cannot do without.
     *
     * @return true on a thread that must not wait for the pool
     */
    boolean isCurrentThreadOwn() {
        return pool.isOwnThread();
    }

    Stream<String> busy() {
        return Stream.concat(pool.busy().stream(), sessions.busy());
    }

    /**
     * Shuts the pool down, and waits until its calls are done and its processes have ended.
     *
     * <ul>
     *   <li>Calls that are not done after {@link Builder#closeTimeout} are cancelled, and their workers are killed and
     *       named in a warning. Then this method waits 10 seconds more at the most for the processes to end.
     *   <li>A thread blocks meanwhile; a task of an event loop awaits, so other tasks run. A callback of a loop blocks
     *       its loop.
     *   <li>An interrupt of the thread, or a cancellation of the task, cancels all calls and kills the workers at once.
     * </ul>
     *
     * @throws CancelledError if the calling task is cancelled meanwhile
     * @throws IllegalStateException on a thread of the pool, such as in a dependent of a future that is not
     *     {@code …Async}
     */
    @Override
    public void close() {
        boolean interrupted = false;
        CancelledError cancelled = null;
        shutdown();
        try {
            if (!awaitEnd()) {
                warnOf(busy().toList());
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (CancelledError e) {
            cancelled = e;
        }
        if (!isTerminated()) {
            killWorkers();
            interrupted |= !awaitProcesses();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (cancelled != null) {
            throw cancelled;
        }
    }

    /**
     * Waits for the end of the pool, for the close timeout at the most.
     *
     * @return false if the time was over before
     * @throws InterruptedException if the calling thread is interrupted
     */
    private boolean awaitEnd() throws InterruptedException {
        if (Task.current() == null) {
            return awaitTermination(Nanos.of(closeTimeout), TimeUnit.NANOSECONDS);
        }
        try {
            Async.timeout(closeTimeout, () -> Async.await(terminated()));
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (Exception e) {
            throw new IllegalStateException("An end cannot fail", e);
        }
    }

    private void warnOf(List<String> busy) {
        if (!busy.isEmpty()) {
            Log.OFFLOOP.log(
                    System.Logger.Level.WARNING,
                    "The process pool '" + pool.name() + "' was closed, and after "
                            + Durations.inWords(Nanos.of(closeTimeout)) + " these still ran a function: "
                            + String.join(", ", busy) + ". They are killed");
        }
    }

    private boolean awaitProcesses() {
        try {
            boolean _ = awaitTermination(END_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /**
     * Configures a {@link ProcessPoolExecutor} and makes it.
     *
     * <ul>
     *   <li>Every option has a default. Each method returns this builder.
     *   <li>A builder is for one thread at a time, and for one pool.
     * </ul>
     */
    public static final class Builder {
        private final WorkerCommand command = new WorkerCommand();
        private String name = "offloop-processes-" + POOLS.incrementAndGet();
        private int maxWorkers = Runtime.getRuntime().availableProcessors();
        private int spareWorkers;
        private int maxSessions = -1;
        private @Nullable Path directory;
        private WorkerOutput output = WorkerOutput.prefixed();
        private byte @Nullable [] initializer;
        private @Nullable ObjectInputFilter resultFilter;
        private int maxQueued = Integer.MAX_VALUE;
        private boolean blockWhenFull;
        private @Nullable Duration callTimeout;
        private Duration cancelGrace = Duration.ofSeconds(1);
        private Duration startTimeout = Duration.ofMinutes(1);
        private Duration jvmShutdownTimeout = Duration.ofSeconds(30);
        private long maxResultSize = DEFAULT_MAX_RESULT_SIZE;
        private Duration idleTimeout = Duration.ofMinutes(1);
        private Duration closeTimeout = Duration.ofSeconds(30);
        private int maxTasks = Integer.MAX_VALUE;
        private long maxRss = Long.MAX_VALUE;
        private long maxRssGrowth = Long.MAX_VALUE;
        private Duration heartbeatTimeout = PoolOptions.DEFAULT_HEARTBEAT;

        private @Nullable WorkerEnvironment environmentByIndex;
        private @Nullable Bubblewrap sandbox;
        private boolean inProcess;
        private @Nullable WorkerDebug debug;
        private final WorkerDebug debugByProperty = WorkerDebug.ofProperty();

        private Builder() {}

        private LaunchOptions launchOptions(boolean debugging) {
            CommandLine workers = command.build();
            var options = new LaunchOptions(
                    name,
                    maxWorkers,
                    workers,
                    command.aotCache(workers),
                    directory,
                    command.environment(),
                    environmentByIndex,
                    command.limits(),
                    command.heapIsShared(),
                    sandbox,
                    debugging ? DebugAgent.logging(name, output) : output,
                    maxResultSize,
                    null);
            return inProcess ? options.forThreads(threads()) : options;
        }

        /**
         * Makes workers that are threads.
         *
         * @return makes one of a handshake and a name
         */
        private BiFunction<Handshake, String, WorkerBody> threads() {
            Reading reading = command.readingOfThreads(contextLoader());
            Writing writing = command.writingOfThreads();
            return (handshake, thread) -> new WorkerThread(handshake, reading, writing, thread);
        }

        private static ClassLoader contextLoader() {
            ClassLoader context = Thread.currentThread().getContextClassLoader();
            return context != null ? context : ClassLoader.getSystemClassLoader();
        }

        private PoolOptions poolOptions(boolean debugging) {
            Writing writing = command.writing();
            var options = new PoolOptions(
                    name,
                    maxWorkers,
                    spareWorkers,
                    0,
                    false,
                    environmentByIndex != null,
                    initializer,
                    new Reading(contextLoader(), resultFilter, writing.codec(), Reading.MAX_RESULT_DEPTH),
                    writing,
                    maxQueued,
                    blockWhenFull,
                    callTimeout == null ? Long.MAX_VALUE : Nanos.of(callTimeout),
                    Nanos.of(cancelGrace),
                    Nanos.of(startTimeout),
                    Nanos.of(idleTimeout),
                    maxTasks,
                    maxRss,
                    maxRssGrowth,
                    Nanos.of(heartbeatTimeout),
                    Nanos.of(jvmShutdownTimeout),
                    false);
            options = debugging ? options.forDebugging() : options;
            return inProcess ? options.forThreads() : options;
        }

        // ---- how many, and for how long

        /**
         * Sets how many workers there are at most. The default is the number of processors that this JVM may use.
         *
         * @param maxWorkers the number; at least 1
         * @return this builder
         * @throws IllegalArgumentException if the number is less than 1
         */
        public Builder maxWorkers(int maxWorkers) {
            this.maxWorkers = atLeastOne("maxWorkers", maxWorkers);
            return this;
        }

        /**
         * Sets how many more workers are kept ready, so that one takes the place of a worker that crashed, was killed
         * or was retired at once, instead of after the time that a JVM and an {@link #initializer} need. The default is
         * none.
         *
         * <ul>
         *   <li>Spare workers are processes besides the {@link #maxWorkers}, which still are as many as run calls at a
         *       time. They cost memory, and no processor time once they are ready.
         *   <li>They are started with the first worker, and stay when the others are retired since they are idle: the
         *       first call after a pause finds one.
         *   <li>{@link WorkerContext#index} is from 0 to {@code maxWorkers + spareWorkers} − 1 then.
         * </ul>
         *
         * @param workers the number, from 0 to 1000
         * @return this builder
         * @throws IllegalArgumentException if the number is out of range
         */
        public Builder spareWorkers(int workers) {
            if (workers < 0 || workers > 1000) {
                throw new IllegalArgumentException("spareWorkers must be from 0 to 1000: " + workers);
            }
            this.spareWorkers = workers;
            return this;
        }

        /**
         * Sets how many sessions there are at a time at most, in processes besides those of {@link #maxWorkers}. The
         * default is as many as {@code maxWorkers}.
         *
         * @param sessions the number; zero or more
         * @return this builder
         * @throws IllegalArgumentException if the number is negative
         */
        public Builder maxSessions(int sessions) {
            if (sessions < 0) {
                throw new IllegalArgumentException("maxSessions must not be negative: " + sessions);
            }
            this.maxSessions = sessions;
            return this;
        }

        /**
         * Sets how long a worker may be idle before it is retired. The default is a minute.
         *
         * @param timeout the time; more than zero
         * @return this builder
         * @throws IllegalArgumentException if the time is not more than zero
         */
        public Builder idleTimeout(Duration timeout) {
            this.idleTimeout = Durations.positive("idleTimeout", timeout);
            return this;
        }

        /**
         * Sets how many calls a worker runs before it is retired and another one takes its place. The default is any
         * number.
         *
         * @param calls the number; at least 1
         * @return this builder
         * @throws IllegalArgumentException if the number is less than 1
         */
        public Builder maxTasksPerWorker(int calls) {
            this.maxTasks = atLeastOne("maxTasksPerWorker", calls);
            return this;
        }

        /**
         * Sets how long a worker may take from the launch of its process until it is ready, including the
         * {@link #initializer}.
         *
         * <p>When the time is over, the initializer is cancelled as a call is, and the process is killed. If no other
         * worker serves or starts, the calls that wait fail with a {@link WorkerStartException}, which says where the
         * initializer was. The default is a minute; a debugger that suspends workers at their start needs more.
         *
         * @param timeout the time; more than zero
         * @return this builder
         * @throws IllegalArgumentException if the time is not more than zero
         */
        public Builder startTimeout(Duration timeout) {
            this.startTimeout = Durations.positive("startTimeout", timeout);
            return this;
        }

        /**
         * Sets how much memory the process of a worker may have before it is retired and another one takes its place.
         * The resident set size is looked at after each call, where the system tells it (on Linux). Calls are not sent
         * ahead to busy workers then, so many short calls take longer. The default is any amount.
         *
         * @param bytes the size in bytes; at least 1
         * @return this builder
         * @throws IllegalArgumentException if the size is less than 1
         */
        public Builder maxRss(long bytes) {
            this.maxRss = positive("maxRss", bytes);
            return this;
        }

        /**
         * Sets by how much the process of a worker may grow before it is retired and another one takes its place. So a
         * leak is found however large the program is at its start.
         *
         * <p>The resident set size is looked at after each call, where the system tells it (on Linux). The least of the
         * first eight calls is compared with the least of the last eight, so that a single large call does not count. A
         * heap that has not been collected yet counts too: set {@link #maxHeap} to less than this. Calls are not sent
         * ahead to busy workers then, so many short calls take longer. The default is any amount.
         *
         * @param bytes the growth in bytes; at least 1
         * @return this builder
         * @throws IllegalArgumentException if the growth is less than 1
         */
        public Builder maxRssGrowth(long bytes) {
            this.maxRssGrowth = positive("maxRssGrowth", bytes);
            return this;
        }

        /**
         * Sets how long a worker may give no sign of life before it is killed and its call fails with a
         * {@link WorkerCrashedException}.
         *
         * <p>A thread of the worker gives signs of life whatever the function does. They are missing when the process
         * is suspended or swapped out, or does nothing but collect garbage. A worker that does not begin a call which
         * it was given is killed after 10 seconds already, unless this time is more than a minute. The default is a
         * minute; a debugger that suspends workers needs more.
         *
         * @param timeout the time; at least a second
         * @return this builder
         * @throws IllegalArgumentException if the time is less than a second
         */
        public Builder heartbeatTimeout(Duration timeout) {
            if (timeout.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException("heartbeatTimeout must be at least a second: " + timeout);
            }
            this.heartbeatTimeout = timeout;
            return this;
        }

        /**
         * Sets what each worker runs before its first call, within {@link #startTimeout}. The default is nothing.
         *
         * <p>If it throws, its worker is killed. If no other worker serves or starts, the calls that wait fail with a
         * {@link WorkerStartException} whose cause is what it threw.
         *
         * @param initializer the action; it is serialized at once, with JDK serialization
         * @return this builder
         * @throws NotTransferableException if the action cannot be serialized
         */
        public Builder initializer(RemoteCallable.Action initializer) {
            this.initializer = Values.write(RemoteCallable.of(initializer), new Writing(true, null))
                    .bytes();
            return this;
        }

        // ---- their process

        /**
         * Sets how large the heap of a worker may get. The default is that of the JVM, a quarter of the machine's
         * memory as a rule.
         *
         * <p>A worker whose heap is full ends, and its call fails with a {@link WorkerOutOfMemoryException}. A call
         * whose arguments are larger than the heap fails with the same exception without being sent.
         *
         * @param size the size as {@code java -Xmx} takes it, such as {@code 256m}
         * @return this builder
         * @throws IllegalArgumentException if that is not a size
         */
        public Builder maxHeap(String size) {
            if (!size.matches("[1-9][0-9]*[kKmMgGtT]?")) {
                throw new IllegalArgumentException("maxHeap must be a size like 256m or 2g: " + size);
            }
            command.maxHeap(size);
            return this;
        }

        /**
         * Sets how much memory a worker may have, heap and native memory together, while it runs. One that has more is
         * killed at once, and its call fails with a {@link WorkerOutOfMemoryException} that has both figures. The
         * default is any amount. On Linux only.
         *
         * <ul>
         *   <li>Where a control group (cgroup, version 2) is delegated to this process, each worker gets one of its own
         *       with this limit, and the kernel enforces it: for the worker and all processes that it starts, with what
         *       the kernel accounts, such as the pages of files that were read, which it takes away first. A service of
         *       systemd has that with {@code Delegate=yes} and {@code DelegateSubgroup=}; the system property
         *       {@code offloop.cgroup} of this JVM names any other place.
         *   <li>Everywhere else a thread of the pool looks at the memory of the process, each 50 ms while there is much
         *       left and each 2 ms when there is not, and kills it. It may have more for as long. What counts is the
         *       process's own memory, swapped or not: neither the pages of files, nor memory that it shares with other
         *       processes (but with ZGC), nor the processes that it starts.
         *   <li>The heap may get half of the limit, unless {@link #maxHeap} or the {@link #jvmArguments} say otherwise:
         *       classes, compiled code, threads and native memory need the rest.
         * </ul>
         *
         * @param size the size as {@code java -Xmx} takes it, such as {@code 512m}; at least 64m
         * @return this builder
         * @throws IllegalArgumentException if that is not a size, or less than 64m
         */
        public Builder memoryLimit(String size) {
            command.limits(command.limits().memory(size));
            return this;
        }

        /**
         * Sets how many files and connections a worker may have open at a time, by the command {@code prlimit}. One
         * more fails with an {@link java.io.IOException} ("Too many open files"). The default is what this process may
         * have.
         *
         * @param number the number; at least 64, since a JVM opens some itself
         * @return this builder
         * @throws IllegalArgumentException if the number is less than 64
         */
        public Builder openFiles(int number) {
            command.limits(command.limits().openFiles(number));
            return this;
        }

        /**
         * Sets how large a file may be that a worker writes, by the command {@code prlimit}. To write more fails with
         * an {@link java.io.IOException} ("File too large"), and the worker goes on. Native code in a process that the
         * worker starts gets the signal SIGXFSZ instead. The default is any size.
         *
         * @param size the size as {@code java -Xmx} takes it, such as {@code 100m}
         * @return this builder
         * @throws IllegalArgumentException if that is not a size
         */
        public Builder fileSize(String size) {
            command.limits(command.limits().fileSize(size));
            return this;
        }

        /**
         * Sets more arguments for the {@code java} of the workers, such as system properties. They come after those
         * that Offloop sets. Workers do not get the arguments and system properties of this process. The default is
         * none.
         *
         * @param arguments the arguments, which replace those that were set before
         * @return this builder
         */
        public Builder jvmArguments(String... arguments) {
            command.jvmArguments(List.of(arguments));
            return this;
        }

        /**
         * Sets the {@code java} that runs the workers. Its version has to be able to read the classes of this program.
         * The default is that of this process.
         *
         * @param executable the path of the executable
         * @return this builder
         */
        public Builder java(Path executable) {
            command.java(executable);
            return this;
        }

        /**
         * Sets the class path of the workers. The default is that of this process, and its module path.
         *
         * @param path the class path, as {@code java -cp} takes it; it has to contain Offloop
         * @return this builder
         */
        public Builder classPath(String path) {
            command.classPath(Objects.requireNonNull(path, "path"));
            return this;
        }

        /**
         * Sets the working directory of the workers. The default is that of this process.
         *
         * @param directory an existing directory
         * @return this builder
         */
        public Builder workingDirectory(Path directory) {
            this.directory = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /**
         * Sets or removes an environment variable of the workers. The others are those of this process.
         *
         * @param variable the name of the variable
         * @param value the value; null removes the variable
         * @return this builder
         */
        public Builder environment(String variable, @Nullable String value) {
            command.environment(Objects.requireNonNull(variable, "variable"), value);
            return this;
        }

        /**
         * Sets environment variables of each worker by its {@linkplain WorkerContext#index index}, so that each has a
         * GPU or a port of its own: {@code environment(i -> Map.of("CUDA_VISIBLE_DEVICES", "" + i))}. They are added to
         * those of {@link #environment(String, String)}. The default is none.
         *
         * <ul>
         *   <li>The function is called when a worker is about to be launched, on the pool's starter thread, by one
         *       thread at a time. Its time counts for {@link #startTimeout}.
         *   <li>If it throws, its worker is not started. If no other worker serves or starts, the calls that wait fail
         *       with a {@link WorkerStartException} whose cause is what it threw.
         *   <li>Of all processes of this pool that live, no two have the same index: a worker that takes the place of
         *       another is not launched before that one has ended. It has to end within two seconds, or is killed.
         * </ul>
         *
         * @param byIndex returns the variables of the worker with an index from 0 to {@link #maxWorkers maxWorkers} −
         *     1, and more for {@link #spareWorkers} and {@link #maxSessions}; a null value in the map removes a
         *     variable
         * @return this builder
         */
        public Builder environment(IntFunction<Map<String, String>> byIndex) {
            this.environmentByIndex = new WorkerEnvironment(Objects.requireNonNull(byIndex, "byIndex"));
            return this;
        }

        /**
         * Sets the folder for an AOT cache, which holds the classes that workers have loaded, those of your functions
         * too, and lets later workers start faster. The default is {@code offloop} in the user's cache folder.
         *
         * <ul>
         *   <li>There is one for each JDK, class path and set of JVM options, if the class path consists of jars only,
         *       and none for a Spring Boot jar.
         *   <li>A worker writes down which classes it loads, until the pool closes or for 20 seconds. Then a process in
         *       the background makes the cache of them, at the lowest priority, in a few seconds. It runs no code of
         *       yours, and no pool waits for it. It makes the cache again when workers load many classes that are not
         *       in it.
         *   <li>A worker whose JVM cannot use the cache starts without it.
         *   <li>It is used only if the folder belongs to this user and no other may write to it: a JVM runs what is in
         *       the file.
         *   <li>The 16 caches that were used last are kept, and none that was not used for a month.
         * </ul>
         *
         * @param folder the folder, which is created if it is missing; null for no cache
         * @return this builder
         */
        public Builder aotCache(@Nullable Path folder) {
            command.aotFolder(folder);
            return this;
        }

        /**
         * Sets how workers compile: {@link Jit#QUICK} for those that live for seconds, {@link Jit#PEAK} for those that
         * run the same code for minutes. The default is {@link Jit#BALANCED}. Arguments of {@link #jvmArguments} that
         * say otherwise count.
         *
         * @param jit how much a worker invests in compiling
         * @return this builder
         */
        public Builder jit(Jit jit) {
            command.jit(Objects.requireNonNull(jit, "jit"));
            return this;
        }

        /**
         * Sets a command that starts the {@code java} of a worker, such as {@code taskset -c 3} or {@code bwrap …}. The
         * default is none.
         *
         * <p>It has to pass on standard input, and to leave the pool's folder in the temp folder accessible at the same
         * path. A command that starts {@code java} as a child, instead of replacing itself by it, has to end that child
         * when it is killed itself. On Linux the pool kills that child too, if the command has one thread and one
         * child.
         *
         * @param command the command and its arguments
         * @return this builder
         */
        public Builder commandPrefix(String... command) {
            this.command.prefix(List.of(command));
            return this;
        }

        /**
         * Starts the workers in a sandbox, by the command {@code bwrap} (bubblewrap). The default is none.
         *
         * <p>A {@link #commandPrefix} is started in the sandbox. The {@link #workingDirectory} is {@code /} if the
         * sandbox does not have it. {@link WorkerStatus#pid} is the process id of {@code bwrap}, whose child the worker
         * is.
         *
         * @param sandbox what the workers may see and change
         * @return this builder
         */
        public Builder sandbox(Sandbox sandbox) {
            this.sandbox = new Bubblewrap(sandbox.network, sandbox.readable, sandbox.hidden, sandbox.writable);
            return this;
        }

        /**
         * Sets how much lower the priority of the workers is than that of this process, where there is the command
         * {@code nice}. The default is 19, the lowest priority, so that busy workers do not slow down an event loop in
         * this process.
         *
         * @param niceness the difference as {@code nice -n} takes it; from 0 to 19
         * @return this builder
         * @throws IllegalArgumentException if the difference is out of range
         */
        public Builder niceness(int niceness) {
            if (niceness < 0 || niceness > 19) {
                throw new IllegalArgumentException("niceness must be from 0 to 19: " + niceness);
            }
            command.niceness(niceness);
            return this;
        }

        /**
         * Sets where the lines go that workers print. The default is {@link WorkerOutput#prefixed}.
         *
         * @param output the output
         * @return this builder
         */
        public Builder output(WorkerOutput output) {
            this.output = Objects.requireNonNull(output, "output");
            return this;
        }

        /**
         * Sets the name of the pool, which is in the names of its threads and in messages. The default is
         * {@code offloop-processes-} and a number.
         *
         * @param name the name
         * @return this builder
         */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        // ---- calls

        /**
         * Sets how many calls may wait for a worker. One more is rejected with a {@link RejectedExecutionException}, or
         * waits if {@link #blockWhenFull} is set. The default is any number.
         *
         * @param calls the number; at least 1
         * @return this builder
         * @throws IllegalArgumentException if the number is less than 1
         */
        public Builder maxQueued(int calls) {
            this.maxQueued = atLeastOne("maxQueued", calls);
            return this;
        }

        /**
         * Makes {@code submit} wait for room when the queue is full (back-pressure). Needs {@link #maxQueued}. The
         * default is to reject the call.
         *
         * <ul>
         *   <li>A thread blocks; a task of an event loop awaits, so other tasks run, and may be cancelled.
         *   <li>Threads and tasks get room in the order of their arrival.
         *   <li>A callback of a loop and a thread of the pool cannot wait: their calls are rejected.
         * </ul>
         *
         * @return this builder
         */
        public Builder blockWhenFull() {
            this.blockWhenFull = true;
            return this;
        }

        /**
         * Sets how long a function may run. When the time is over, the call is cancelled and fails with a
         * {@link CallTimeoutException}. {@link CallOptions#timeout} sets it for one call. The default is for ever.
         *
         * <p>The time counts from when an idle worker gets the function, not from its submission. Reading the result
         * counts.
         *
         * @param timeout the time; more than zero
         * @return this builder
         * @throws IllegalArgumentException if the time is not more than zero
         */
        public Builder callTimeout(Duration timeout) {
            this.callTimeout = Durations.positive("callTimeout", timeout);
            return this;
        }

        /**
         * Sets how long a function that was cancelled or has timed out may take to end before its process is killed.
         * {@link WorkerContext} describes how a function detects that. The default is a second.
         *
         * @param grace the time; zero kills the process at once
         * @return this builder
         * @throws IllegalArgumentException if the time is negative
         */
        public Builder cancelGrace(Duration grace) {
            this.cancelGrace = Durations.notNegative("cancelGrace", grace);
            return this;
        }

        /**
         * Sets which classes this process may make of what workers send: results, exceptions and progress values. For
         * workers whose code is not trusted. The default is the filter of this JVM ({@code jdk.serialFilter}), if it
         * has one; that one applies in any case.
         *
         * <p><b>What it protects against.</b> To read a serialized object runs code of its class, so a worker that
         * sends bytes of its own making can run code of every serializable class on the class path of this process. The
         * filter decides which classes those are.
         *
         * <ul>
         *   <li>What the filter rejects fails its call with a {@link NotTransferableException}.
         *   <li>Workers write everything with JDK serialization then, for the filter to see it. A pool cannot have a
         *       filter and a {@link #codec}.
         *   <li>The few classes of Offloop that messages are made of, such as {@link RemoteStackTrace}, are always
         *       allowed, by name and module, and so is {@link StackTraceElement}.
         *   <li>The filter is called on results threads of the pool, by several at a time.
         * </ul>
         *
         * <p><b>What holds without a filter too.</b> A message has at most {@link #maxResultSize} bytes. Objects in it
         * are nested at most 2000 levels deep, and its arrays are no longer than the number of its bytes justifies,
         * with some room for the empty slots of hash tables. So a short message cannot make this process allocate a
         * large part of its heap. A pool with a {@link #codec} has these bounds for what JDK serialization has written.
         *
         * <p><b>What it does not protect against.</b>
         *
         * <ul>
         *   <li>Nested hash collections of allowed classes can make reading slow. That happens on a thread of its own,
         *       within the deadline of the call: set a {@link #callTimeout}. When it is over, the call fails, the
         *       worker is killed and the thread is interrupted; but a read that never ends costs that thread, and a
         *       processor, until this process ends.
         *   <li>The workers of a pool run as the same user as this process. They can reach each other's processes and
         *       the pool's folder in the temp folder, and whatever else this user may read, write and signal. A filter
         *       is no sandbox; {@link #commandPrefix} can start one.
         *   <li>Objects of allowed classes may have any content. What the program does with them is its own
         *       responsibility.
         * </ul>
         *
         * @param filter decides about classes and sizes, as {@link java.io.ObjectInputStream#setObjectInputFilter}
         *     describes
         * @return this builder
         */
        public Builder resultFilter(ObjectInputFilter filter) {
            this.resultFilter = ResultFilter.around(Objects.requireNonNull(filter, "filter"));
            command.plainResults();
            return this;
        }

        /**
         * Sets which classes workers may make of what this process sends. It becomes the {@code jdk.serialFilter} of
         * the workers, so it applies to everything that they deserialize. The classes of Offloop are always allowed. A
         * pool cannot have a filter and a {@link #codec}. The default is no filter.
         *
         * @param pattern the filter, as {@code -Djdk.serialFilter} takes it
         * @return this builder
         */
        public Builder functionFilter(String pattern) {
            command.serialFilter(OwnClasses.inFunctions() + ";" + Objects.requireNonNull(pattern, "pattern"));
            return this;
        }

        /**
         * Sets what writes arguments and results. A pool cannot have a codec and a filter. The default is JDK
         * serialization.
         *
         * @param type a public class with a public constructor without parameters
         * @return this builder
         */
        public Builder codec(Class<? extends Codec> type) {
            command.codec(Objects.requireNonNull(type, "type"));
            return this;
        }

        /**
         * Sets how large a result, an exception or a progress value that a worker sends may be. A larger one fails its
         * call with a {@link NotTransferableException}, and its worker is killed; no memory is allocated for it. The
         * thread dump of a call that is cancelled or times out counts too. The default is 1 GiB, or a quarter of the
         * heap of this JVM if that is less.
         *
         * @param bytes the size in bytes, as they are sent; at least 1024. Exceptions and thread dumps need some ten
         *     thousand
         * @return this builder
         * @throws IllegalArgumentException if the size is less than 1024
         */
        public Builder maxResultSize(long bytes) {
            if (bytes < 1024) {
                throw new IllegalArgumentException("maxResultSize must be at least 1024 bytes: " + bytes);
            }
            this.maxResultSize = bytes;
            return this;
        }

        /**
         * Sets how long the pool serves calls while this JVM shuts down. The default is 30 seconds.
         *
         * <p>The shutdown hooks of a JVM run at the same time, so a program that finishes its requests in one of them
         * still needs its workers. The pool runs the calls that it has and accepts new ones until the last hook of the
         * program has ended, or until this time is over; then all calls are cancelled and the workers are killed.
         *
         * <ul>
         *   <li>The pool does not delay the end of the JVM. Calls that no hook waits for end with it.
         *   <li>A hook that does not need the pool any more may {@linkplain ProcessPoolExecutor#close close} it or
         *       {@linkplain ProcessPoolExecutor#shutdownNow shut it down}.
         *   <li>The workers end with this process in any case.
         * </ul>
         *
         * @param timeout the time; zero cancels all calls and kills the workers when the shutdown begins
         * @return this builder
         * @throws IllegalArgumentException if the time is negative
         */
        public Builder jvmShutdownTimeout(Duration timeout) {
            this.jvmShutdownTimeout = Durations.notNegative("jvmShutdownTimeout", timeout);
            return this;
        }

        /**
         * Sets how long {@link ProcessPoolExecutor#close} waits for the calls of the pool before it cancels them. The
         * default is 30 seconds.
         *
         * @param timeout the time; zero cancels them at once
         * @return this builder
         * @throws IllegalArgumentException if the time is negative
         */
        public Builder closeTimeout(Duration timeout) {
            this.closeTimeout = Durations.notNegative("closeTimeout", timeout);
            return this;
        }

        /**
         * Runs the workers as threads of this JVM instead of processes, for unit tests and debuggers. The default is
         * false.
         *
         * <p><b>The same as with processes:</b>
         *
         * <ul>
         *   <li>Functions, arguments, results, exceptions and progress are written and read again, by the same
         *       {@link #codec} and filters. So what cannot be sent to a process cannot be sent here, with the same
         *       exception, and what a function changes in its arguments is changed in its copy.
         *   <li>Number of workers, queue, order of calls, {@link CallOptions}, timeouts and {@link #cancelGrace};
         *       {@link #initializer}, once for each worker; statistics; shutting down.
         *   <li>{@link WorkerContext}, on the thread of the function and those that it starts: each worker has its
         *       index and its call. {@code cancel(true)} interrupts the function.
         * </ul>
         *
         * <p><b>Different:</b>
         *
         * <ul>
         *   <li>Static fields, system properties, standard streams and the heap are those of this JVM. What ends a
         *       worker process ends this JVM: {@code System.exit}, a crash of native code.
         *   <li>A thread cannot be killed. One that ignores the interrupt is abandoned, and goes on: its call fails as
         *       usual, another worker takes its place, and a warning shows where it is.
         *   <li>Nothing watches for signs of life.
         *   <li>{@link WorkerStatus#pid} is the id of this process.
         *   <li>Options that are about processes have no effect: memory, processor time ({@link CallOptions#cpuTime}),
         *       files, {@link #sandbox}, {@link #environment(String, String) environment}, {@link #output} and the
         *       command that starts workers. Those that protect this process, the limits and the sandbox, are named in
         *       a warning.
         * </ul>
         *
         * <p>Counterpart of {@code multiprocessing.dummy}.
         *
         * @param inProcess whether workers are threads
         * @return this builder
         */
        public Builder inProcess(boolean inProcess) {
            this.inProcess = inProcess;
            return this;
        }

        /**
         * Makes workers debuggable. The default is what the system property {@code offloop.worker.debug} of this JVM
         * says: {@link WorkerDebug#ATTACH} if it is empty or {@code true}, {@link WorkerDebug#SUSPEND} if it is
         * {@code suspend}, otherwise {@link WorkerDebug#OFF}. {@link WorkerContext} describes how to debug a function.
         *
         * <p>With {@link WorkerDebug#ATTACH} and {@link WorkerDebug#SUSPEND}
         *
         * <ul>
         *   <li>each worker listens for a debugger at a free port of this machine, and the logger {@code dev.offloop}
         *       says at INFO which worker listens where (with {@link WorkerOutput#inherited} the JVM of the worker
         *       prints it). Whoever may connect to that port can run code in the worker;
         *   <li>a worker may be stopped for as long as the debugger likes: no {@link #callTimeout},
         *       {@link CallOptions#timeout}, {@link CallOptions#cpuTime}, {@link #cancelGrace}, {@link #startTimeout},
         *       {@link #idleTimeout} and {@link #heartbeatTimeout} holds;
         *   <li>{@link ProcessPoolExecutor#close}, {@link ProcessPoolExecutor#shutdownNow} and the end of this JVM end
         *       workers as ever;
         *   <li>workers start without the {@link #aotCache}.
         * </ul>
         *
         * <p>{@link #jvmArguments} with an agent of their own for debuggers count instead of the one of this option.
         * Workers that are {@linkplain #inProcess threads} need no agent; what is said about time holds for them.
         *
         * @param debug whether and how
         * @return this builder
         */
        public Builder debug(WorkerDebug debug) {
            this.debug = Objects.requireNonNull(debug, "debug");
            return this;
        }

        /**
         * Makes the command load the debugger's agent, if it is wanted and of use.
         *
         * @return whether workers can be debugged
         */
        private boolean debugging() {
            WorkerDebug wanted = debug != null ? debug : debugByProperty;
            if (wanted == WorkerDebug.OFF) {
                return false;
            }
            if (!inProcess && sandbox != null && !sandbox.network()) {
                String why = "A debugger cannot reach workers in a sandbox without a network: leave out"
                        + " Sandbox.withoutNetwork() while you debug";
                if (debug != null) {
                    throw new IllegalStateException(why);
                }
                Log.OFFLOOP.log(
                        System.Logger.Level.WARNING,
                        "The process pool '" + name + "' ignores the system property offloop.worker.debug. " + why);
                return false;
            }
            command.debug(wanted);
            return true;
        }

        private void warnOfWhatThreadsLack() {
            boolean limits = !command.limits().equals(WorkerLimits.NOTHING);
            if (limits || sandbox != null) {
                Log.OFFLOOP.log(
                        System.Logger.Level.WARNING,
                        "The process pool '" + name + "' runs its functions on threads of this JVM (see"
                                + " Builder.inProcess), so these options have no effect: "
                                + (limits ? "memoryLimit, openFiles, fileSize" : "")
                                + (limits && sandbox != null ? ", " : "") + (sandbox != null ? "sandbox" : ""));
            }
        }

        private static long positive(String what, long number) {
            if (number < 1) {
                throw new IllegalArgumentException(what + " must be positive: " + number);
            }
            return number;
        }

        private static int atLeastOne(String what, int number) {
            if (number < 1) {
                throw new IllegalArgumentException(what + " must be at least 1: " + number);
            }
            return number;
        }

        /**
         * Returns a new pool with these options. It starts no process before the first call.
         *
         * @return the pool
         * @throws IllegalStateException if {@link #blockWhenFull} is set without {@link #maxQueued}, or a
         *     {@link #codec} together with a filter; if {@link #maxHeap} leaves nothing of {@link #memoryLimit}; if
         *     {@link #debug} is set for a {@link #sandbox} without a network; or if this system lacks what an option
         *     needs, such as the commands {@code prlimit} and {@code bwrap}
         * @throws IllegalArgumentException if the codec is not public or has no public constructor without parameters
         */
        public ProcessPoolExecutor build() {
            if (blockWhenFull && maxQueued == Integer.MAX_VALUE) {
                throw new IllegalStateException("blockWhenFull() needs maxQueued(…): this queue is never full");
            }
            boolean debugging = debugging();
            if (inProcess) {
                warnOfWhatThreadsLack();
            } else {
                command.limits().check();
                if (sandbox != null) {
                    sandbox.check();
                }
            }
            return new ProcessPoolExecutor(
                    launchOptions(debugging),
                    poolOptions(debugging),
                    closeTimeout,
                    maxSessions < 0 ? maxWorkers : maxSessions);
        }
    }
}
