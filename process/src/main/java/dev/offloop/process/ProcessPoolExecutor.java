package dev.offloop.process;

import dev.offloop.Async;
import dev.offloop.CancelledError;
import dev.offloop.RemoteCallable;
import dev.offloop.RemoteExecutor;
import dev.offloop.RemoteFunction;
import dev.offloop.Task;
import dev.offloop.process.wire.Values;
import dev.offloop.process.wire.Writing;
import java.io.ObjectInputFilter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An {@code ExecutorService} whose functions run in worker processes: JVMs of their own, that may crash, leak, run for
 * ever or fill their heap without harm to this one.
 *
 * {@snippet :
 * try (ProcessPoolExecutor pool = ProcessPoolExecutor.create()) {
 *     int square = pool.submit(() -> compute(50)).get();
 * }
 * }
 *
 * <h2>How it works</h2>
 *
 * <p>A function is written with JDK serialization in the calling thread and given to a worker by the {@code Dispatcher};
 * the {@code Switchboard} carries it over a private socket; {@code WorkerMain}, in the worker, runs it and sends back
 * what it returned or threw. In this JVM the pool has one thread for all I/O, and one for the time it takes to start
 * processes. All of its threads are daemons, and the workers end with this process, however it ends.
 *
 * <h2>Guarantees</h2>
 *
 * <ul>
 *   <li>{@code submit} does not wait, unless {@link Builder#blockWhenFull} asks for it, and may be called from any
 *       thread, an event loop's too. A lambda given to it is serializable by itself where the pool's static type is this
 *       class or {@link RemoteExecutor}; what it captures must be. For {@code invokeAll} write {@code
 *       List.<RemoteCallable<Integer>>of(() -> …)}.
 *   <li>Workers are started when calls need them, up to the maximum, and are reused.
 *   <li>What the function throws comes back as the same type, with the worker's stack trace as its cause ({@link
 *       RemoteStackTrace}). What cannot cross fails its own call with a {@link NotTransferableException}.
 *   <li>A worker that dies fails the call that it ran with a {@link WorkerCrashedException}. Other calls are not touched.
 *       No call is run twice, but where {@link CallOptions#retryOnCrash} asks for it.
 *   <li>{@code cancel(true)} on a future stops the function: it is interrupted, and its worker ended if that does not
 *       help ({@link WorkerContext}); {@code cancel(false)} lets it run and drops its result.
 *   <li>Dependents of the returned futures that are not {@code …Async} run on the pool's I/O thread, and must not block.
 * </ul>
 *
 * <p>Answers to {@code concurrent.futures.ProcessPoolExecutor}.
 */
public final class ProcessPoolExecutor implements RemoteExecutor {

    private static final AtomicInteger POOLS = new AtomicInteger();
    static final Duration DEFAULT_HEARTBEAT = Duration.ofMinutes(1);

    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

    private final Dispatcher dispatcher;
    private final Duration closeTimeout;

    private ProcessPoolExecutor(Builder builder) {
        this.closeTimeout = builder.closeTimeout;
        this.dispatcher = new Dispatcher(builder.options());
        ShutdownHook.add(dispatcher);
    }

    /** A pool of at most as many workers as there are processors. */
    public static ProcessPoolExecutor create() {
        return builder().build();
    }

    /** A pool of at most so many workers. */
    public static ProcessPoolExecutor create(int maxWorkers) {
        return builder().maxWorkers(maxWorkers).build();
    }

    /** A pool to be configured. */
    public static Builder builder() {
        return new Builder();
    }

    // ---- calls

    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(RemoteCallable<T> function) {
        return submit(CallOptions.DEFAULT, function);
    }

    /** {@link #submit(RemoteCallable)} with options for this call. */
    public <T extends @Nullable Object> CompletableFuture<T> submit(CallOptions options, RemoteCallable<T> function) {
        return dispatcher.submit(
                Objects.requireNonNull(function, "function"), Objects.requireNonNull(options, "options"));
    }

    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(
            RemoteCallable<T> function, Consumer<@Nullable Object> progressListener) {
        return submit(CallOptions.DEFAULT.onProgress(progressListener), function);
    }

    /** The void form of {@link #submit(CallOptions, RemoteCallable)}. */
    public CompletableFuture<@Nullable Void> submit(CallOptions options, RemoteCallable.Action action) {
        return submit(options, RemoteCallable.of(action));
    }

    /** As {@link #submit(RemoteCallable)}, for a function whose class is serializable though its static type is not. */
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(Callable<T> function) {
        Objects.requireNonNull(function, "function");
        return submit(function instanceof RemoteCallable<T> remote ? remote : new CallableCall<>(function));
    }

    /** As {@link #submit(RemoteCallable.Action)}, for an object that is serializable though its static type is not. */
    @Override
    public CompletableFuture<?> submit(Runnable action) {
        return this.<@Nullable Void>submit(action, null);
    }

    /** As {@link #submit(Runnable)}, with a result that travels there and back. */
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(Runnable action, T result) {
        return submit((RemoteCallable<T>) new RunnableCall<>(Objects.requireNonNull(action, "action"), result));
    }

    /**
     * Runs an action and logs what it fails with, since there is no future to fail.
     *
     * @throws NotTransferableException if it cannot be sent, as those that {@code CompletableFuture.supplyAsync} makes
     */
    @Override
    public void execute(Runnable action) {
        CompletableFuture<?> call = submit(action);
        if (call.state() == Future.State.FAILED && call.exceptionNow() instanceof NotTransferableException cannot) {
            throw cannot;
        }
        logFailure(call);
    }

    /** {@link #execute(Runnable)} for a lambda, which is serializable. */
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
     * {@link #submit(Callable)} that waits for room no longer than until then, on the clock of {@code System.nanoTime()}; null
     * if there was none.
     */
    <T extends @Nullable Object> @Nullable CompletableFuture<T> submitUntil(Callable<T> function, long until)
            throws InterruptedException {
        Objects.requireNonNull(function, "function");
        try {
            return dispatcher.submit(
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

    private record CallableCall<T extends @Nullable Object>(Callable<T> function) implements RemoteCallable<T> {
        @Override
        public T call() throws Exception {
            return function.call();
        }
    }

    private record RunnableCall<T extends @Nullable Object>(Runnable action, T result) implements RemoteCallable<T> {
        @Override
        public T call() {
            action.run();
            return result;
        }
    }

    @Override
    public <T extends @Nullable Object> List<Future<T>> invokeAll(Collection<? extends Callable<T>> functions)
            throws InterruptedException {
        return invokeAll(functions, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    @Override
    public <T extends @Nullable Object> List<Future<T>> invokeAll(
            Collection<? extends Callable<T>> functions, long timeout, TimeUnit unit) throws InterruptedException {
        return Invocations.all(this, functions, Durations.after(System.nanoTime(), unit.toNanos(timeout)));
    }

    @Override
    public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> functions)
            throws InterruptedException, ExecutionException {
        try {
            return Invocations.any(this, functions, Long.MAX_VALUE);
        } catch (TimeoutException e) {
            throw new AssertionError("292 years are over", e);
        }
    }

    @Override
    public <T extends @Nullable Object> T invokeAny(
            Collection<? extends Callable<T>> functions, long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return Invocations.any(this, functions, Durations.after(System.nanoTime(), unit.toNanos(timeout)));
    }

    /**
     * The results of a function for many inputs, in their order. {@link MapOptions#DEFAULT} says how many at a time.
     *
     * <ul>
     *   <li>Lazy: inputs are taken as results are, a bounded number ahead, so that they may be endless or large.
     *   <li>What the function throws comes out of the stream where its result would have: unchecked as it is, checked as the
     *       cause of a {@link java.util.concurrent.CompletionException}.
     *   <li>Closing the stream cancels what is under way.
     *   <li>The stream blocks its reader, so it is not for an event loop: there use {@code gather} or {@code asCompleted}.
     * </ul>
     *
     * <p>Answers to {@code Executor.map}.
     */
    public <A extends @Nullable Object, R extends @Nullable Object> Stream<R> map(
            RemoteFunction<? super A, ? extends R> function, Iterable<? extends A> inputs) {
        return map(MapOptions.DEFAULT, function, inputs);
    }

    /** {@link #map(RemoteFunction, Iterable)} with other options. */
    public <A extends @Nullable Object, R extends @Nullable Object> Stream<R> map(
            MapOptions options, RemoteFunction<? super A, ? extends R> function, Iterable<? extends A> inputs) {
        return new Mapping<A, R>(this, options, function, inputs.iterator()).stream();
    }

    // ---- the workers

    /**
     * Starts all the workers that there may be, instead of one by one when calls need them.
     *
     * @return done when they are ready; failed if none can be started
     */
    public CompletableFuture<@Nullable Void> warmUp() {
        return dispatcher.warmUp();
    }

    /** What the pool does now, and has done. */
    public PoolStatistics statistics() {
        return dispatcher.statistics();
    }

    // ---- the end

    /** Takes no more calls, runs those there are, then ends the workers. Does not wait. */
    @Override
    public void shutdown() {
        dispatcher.shutdown();
    }

    /** Cancels all calls, those that run too, and ends the workers. Does not wait. */
    @Override
    public List<Runnable> shutdownNow() {
        return List.copyOf(dispatcher.shutdownNow(false));
    }

    /**
     * Shuts the pool down and cancels all calls, as {@link #shutdownNow()}, but asks the processes to end ({@code SIGTERM}), so
     * that their shutdown hooks run; those that have not after two seconds are killed. Does not wait. Answers to {@code
     * terminate_workers()}.
     */
    public void terminateWorkers() {
        dispatcher.shutdownNow(true);
    }

    /** Shuts the pool down, cancels all calls and kills the processes. Does not wait. Answers to {@code kill_workers()}. */
    public void killWorkers() {
        dispatcher.shutdownNow(false);
    }

    @Override
    public boolean isShutdown() {
        return dispatcher.isShutdown();
    }

    /** Whether the pool was shut down and all its processes have ended. */
    @Override
    public boolean isTerminated() {
        return dispatcher.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return dispatcher.awaitTermination(unit.toNanos(timeout));
    }

    /**
     * Shuts the pool down and waits until all its processes have ended. Calls that are not done after {@link
     * Builder#closeTimeout} are cancelled and named in a warning; an interrupt cancels them at once, and so does a cancellation.
     *
     * <p>A thread blocks; a task of an event loop awaits, while others run. A callback of a loop cannot wait, and blocks it.
     */
    @Override
    public void close() {
        boolean interrupted = false;
        CancelledError cancelled = null;
        shutdown();
        try {
            if (!awaitEnd()) {
                warnOf(dispatcher.busy());
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (CancelledError e) {
            cancelled = e;
        }
        if (!isTerminated()) {
            dispatcher.shutdownNow(false);
            interrupted |= !awaitProcesses();
        }
        ShutdownHook.remove(dispatcher);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (cancelled != null) {
            throw cancelled;
        }
    }

    /** False if the time was over before. */
    private boolean awaitEnd() throws InterruptedException {
        if (Task.current() == null) {
            return dispatcher.awaitTermination(Durations.nanos(closeTimeout));
        }
        try {
            Async.timeout(closeTimeout, () -> Async.await(dispatcher.terminated()));
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (Exception e) {
            throw new IllegalStateException("An end cannot fail", e);
        }
    }

    private void warnOf(List<String> busy) {
        if (!busy.isEmpty()) {
            dispatcher.warnOf(busy, closeTimeout);
        }
    }

    private boolean awaitProcesses() {
        try {
            boolean _ = dispatcher.awaitTermination(END_TIMEOUT.toNanos());
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** How a pool is to be. */
    public static final class Builder {
        private final WorkerCommand command = new WorkerCommand();
        private String name = "offloop-processes-" + POOLS.incrementAndGet();
        private int maxWorkers = Runtime.getRuntime().availableProcessors();
        private @Nullable Path directory;
        private WorkerOutput output = WorkerOutput.prefixed();
        private byte @Nullable [] initializer;
        private @Nullable ObjectInputFilter resultFilter;
        private int maxQueued = Integer.MAX_VALUE;
        private boolean blockWhenFull;
        private @Nullable Duration callTimeout;
        private Duration stopGrace = Duration.ofSeconds(1);
        private Duration idleTimeout = Duration.ofMinutes(1);
        private Duration closeTimeout = Duration.ofSeconds(30);
        private int maxTasks = Integer.MAX_VALUE;
        private long maxRss = Long.MAX_VALUE;
        private long maxRssGrowth = Long.MAX_VALUE;
        private Duration heartbeatTimeout = DEFAULT_HEARTBEAT;

        private Builder() {}

        private PoolOptions options() {
            CommandLine workers = command.build();
            return new PoolOptions(
                    name,
                    maxWorkers,
                    workers,
                    command.aotCache(workers),
                    directory,
                    command.environment(),
                    output,
                    initializer,
                    resultFilter,
                    command.writing(),
                    maxQueued,
                    blockWhenFull,
                    callTimeout == null ? Long.MAX_VALUE : Durations.nanos(callTimeout),
                    Durations.nanos(stopGrace),
                    Durations.nanos(idleTimeout),
                    maxTasks,
                    maxRss,
                    maxRssGrowth,
                    Durations.nanos(heartbeatTimeout));
        }

        // ---- how many, and for how long

        /** How many workers there are at most. The default is the number of processors that this JVM may use. */
        public Builder maxWorkers(int maxWorkers) {
            this.maxWorkers = atLeastOne("maxWorkers", maxWorkers);
            return this;
        }

        /** After how long a worker that has nothing to do is let go. The default is a minute. */
        public Builder idleTimeout(Duration timeout) {
            this.idleTimeout = Durations.positive("idleTimeout", timeout);
            return this;
        }

        /** How many calls a worker runs before a fresh one takes its place. The default is any number. */
        public Builder maxTasksPerWorker(int calls) {
            this.maxTasks = atLeastOne("maxTasksPerWorker", calls);
            return this;
        }

        /**
         * How much memory a worker's process may have, in bytes, before a fresh one takes its place. Looked at after each
         * call, where the system tells (Linux does). The default is any amount.
         */
        public Builder maxRss(long bytes) {
            this.maxRss = positive("maxRss", bytes);
            return this;
        }

        /**
         * By how much a worker's process may grow, in bytes, before a fresh one takes its place: a leak is found however large
         * the program is to begin with. What it has after each of its first eight calls is where it begins, and only what it
         * keeps through eight calls in a row counts, so that one large call does not. A heap that has not been collected yet
         * grows too: give it less room, by {@link #maxHeap}, than this. Where the system tells (Linux does).
         * The default is any amount.
         */
        public Builder maxRssGrowth(long bytes) {
            this.maxRssGrowth = positive("maxRssGrowth", bytes);
            return this;
        }

        /**
         * For how long a worker may give no sign of life, whatever its function does: its process is stopped, swapped out, or
         * only collects garbage. Then it is killed, and its call fails with a {@link WorkerCrashedException}. The default is a
         * minute; a debugger that stops workers wants more. At least a second.
         */
        public Builder heartbeatTimeout(Duration timeout) {
            if (timeout.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException("heartbeatTimeout must be at least a second: " + timeout);
            }
            this.heartbeatTimeout = timeout;
            return this;
        }

        /**
         * What every worker runs before its first call. If it throws, that worker is given up; when no worker can be made
         * ready, the calls fail with a {@link WorkerStartException} whose cause is what it threw.
         *
         * @throws NotTransferableException if it cannot be serialized
         */
        public Builder initializer(RemoteCallable.Action initializer) {
            this.initializer = Values.write(RemoteCallable.of(initializer), new Writing(true, null))
                    .bytes();
            return this;
        }

        // ---- their process

        /** How large the heap of a worker may get, as {@code java -Xmx} takes it: {@code "256m"}. */
        public Builder maxHeap(String size) {
            if (!size.matches("[1-9][0-9]*[kKmMgGtT]?")) {
                throw new IllegalArgumentException("maxHeap must be a size like 256m or 2g: " + size);
            }
            command.maxHeap(size);
            return this;
        }

        /** More arguments for the {@code java} of the workers. */
        public Builder jvmArguments(String... arguments) {
            command.jvmArguments(List.of(arguments));
            return this;
        }

        /** The {@code java} that runs the workers, of a version that can read this program's classes. The default is this one's. */
        public Builder java(Path executable) {
            command.java(executable);
            return this;
        }

        /** The class path of the workers, which must have Offloop on it. The default is that of this process. */
        public Builder classPath(String path) {
            command.classPath(Objects.requireNonNull(path, "path"));
            return this;
        }

        /** The working directory of the workers. The default is that of this process. */
        public Builder workingDirectory(Path directory) {
            this.directory = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /** An environment variable that the workers have, or, with null, have not. The others are those of this process. */
        public Builder environment(String variable, @Nullable String value) {
            command.environment(Objects.requireNonNull(variable, "variable"), value);
            return this;
        }

        /**
         * Where the pool keeps what lets later workers start faster: an AOT cache of the classes that they load first. It is
         * made once for each JDK and class path, by a process in the background that takes a few seconds at the lowest
         * priority and does not hold anybody up, and only where all of the class path is jars. Null for none. The default is
         * {@code offloop} in the user's cache folder, which only this user may write to, as any other has to be.
         */
        public Builder aotCache(@Nullable Path folder) {
            command.aotFolder(folder);
            return this;
        }

        /** What stands before {@code java} in the command of a worker: {@code taskset -c 3}, {@code bwrap …}. */
        public Builder commandPrefix(String... command) {
            this.command.prefix(List.of(command));
            return this;
        }

        /**
         * How much lower the priority of the workers is than that of this process, from 0 to 19, where there is the command
         * {@code nice}. The default is 19: then a loop in this process does not feel how busy they are.
         */
        public Builder niceness(int niceness) {
            if (niceness < 0 || niceness > 19) {
                throw new IllegalArgumentException("niceness must be from 0 to 19: " + niceness);
            }
            command.niceness(niceness);
            return this;
        }

        /** What becomes of what the workers print. The default is {@link WorkerOutput#prefixed}. */
        public Builder output(WorkerOutput output) {
            this.output = Objects.requireNonNull(output, "output");
            return this;
        }

        /** The name of the pool, in its threads' names and in messages. */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        // ---- calls

        /**
         * How many calls may wait for a worker. One more is refused with {@link
         * java.util.concurrent.RejectedExecutionException}. The default is any number.
         */
        public Builder maxQueued(int calls) {
            this.maxQueued = atLeastOne("maxQueued", calls);
            return this;
        }

        /**
         * With {@link #maxQueued}: one more call makes {@code submit} wait for room, in order of arrival. A thread blocks; a task
         * of an event loop awaits, while others run, and may be cancelled. A callback of a loop cannot wait, and is refused.
         */
        public Builder blockWhenFull() {
            this.blockWhenFull = true;
            return this;
        }

        /**
         * How long a function may run, counted from when it is given to a worker that is ready, not from its submission.
         * After that it is stopped and the call fails with {@link CallTimeoutException}. The default is for ever.
         */
        public Builder callTimeout(Duration timeout) {
            this.callTimeout = Durations.positive("callTimeout", timeout);
            return this;
        }

        /**
         * How long a function that is to be stopped may take to end by itself, before its process is killed. The default is
         * a second; zero kills at once.
         */
        public Builder stopGrace(Duration grace) {
            this.stopGrace = Durations.notNegative("stopGrace", grace);
            return this;
        }

        /**
         * Which classes may be made here of what workers send: results, exceptions and progress. For workers whose code is
         * not trusted; what a filter does not let through fails its call with a {@link NotTransferableException}. Offloop's own
         * classes are always let through. The default is the filter of this JVM, if it has one.
         */
        public Builder resultFilter(ObjectInputFilter filter) {
            this.resultFilter = ResultFilter.around(filter);
            command.plainResults();
            return this;
        }

        /**
         * Which classes may be made in the workers of what this process sends, as {@code -Djdk.serialFilter} takes it.
         */
        public Builder functionFilter(String pattern) {
            command.serialFilter(Objects.requireNonNull(pattern, "pattern"));
            return this;
        }

        /** What writes arguments and results. The default is JDK serialization. */
        public Builder codec(Class<? extends Codec> type) {
            command.codec(Objects.requireNonNull(type, "type"));
            return this;
        }

        /** How long {@link ProcessPoolExecutor#close} waits for the calls there are. The default is 30 seconds. */
        public Builder closeTimeout(Duration timeout) {
            this.closeTimeout = Durations.notNegative("closeTimeout", timeout);
            return this;
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

        /** The pool. It starts no process before the first call. */
        public ProcessPoolExecutor build() {
            if (blockWhenFull && maxQueued == Integer.MAX_VALUE) {
                throw new IllegalStateException("blockWhenFull() needs maxQueued(…): this queue is never full");
            }
            return new ProcessPoolExecutor(this);
        }
    }
}
