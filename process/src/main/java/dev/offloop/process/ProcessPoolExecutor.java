package dev.offloop.process;

import dev.offloop.RemoteCallable;
import dev.offloop.RemoteExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
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
 *   <li>{@code submit} does not block and may be called from any thread, an event loop's too. A lambda given to it is
 *       serializable by itself; what it captures must be.
 *   <li>Workers are started when calls need them, up to the maximum, and are reused.
 *   <li>What the function throws comes back as the same type, with the worker's stack trace as its cause ({@link
 *       RemoteStackTrace}). What cannot cross fails its own call with a {@link NotTransferableException}.
 *   <li>A worker that dies fails the call that it ran with a {@link WorkerCrashedException}. Other calls are not touched.
 *       No call is run twice.
 *   <li>{@code cancel(true)} on a future ends the function by ending its worker; {@code cancel(false)} lets it run and
 *       drops its result.
 *   <li>Dependents of the returned futures that are not {@code …Async} run on the pool's I/O thread, and must not block.
 * </ul>
 *
 * <p>Answers to {@code concurrent.futures.ProcessPoolExecutor}.
 */
public final class ProcessPoolExecutor implements RemoteExecutor {

    private static final AtomicInteger POOLS = new AtomicInteger();
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofDays(10_000);
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);

    private final Dispatcher dispatcher;
    private final Duration closeTimeout;

    private ProcessPoolExecutor(Builder builder) {
        List<String> jvmArguments = new ArrayList<>();
        if (builder.maxHeap != null) {
            jvmArguments.add("-Xmx" + builder.maxHeap);
        }
        jvmArguments.addAll(builder.jvmArguments);
        this.closeTimeout = builder.closeTimeout;
        this.dispatcher = new Dispatcher(
                "offloop-processes-" + POOLS.incrementAndGet(),
                builder.maxWorkers,
                WorkerCommand.of(jvmArguments),
                builder.callTimeout);
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
        return dispatcher.submit(Objects.requireNonNull(function, "function"));
    }

    /** As {@link #submit(RemoteCallable)}, for a function whose class is serializable though its static type is not. */
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(Callable<T> function) {
        Objects.requireNonNull(function, "function");
        return dispatcher.submit(function instanceof RemoteCallable<T> remote ? remote : new CallableCall<>(function));
    }

    /** As {@link #submit(RemoteCallable.Action)}, for an object that is serializable though its static type is not. */
    @Override
    public CompletableFuture<?> submit(Runnable action) {
        return this.<@Nullable Void>submit(action, null);
    }

    /** As {@link #submit(Runnable)}, with a result that travels there and back. */
    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(Runnable action, T result) {
        return dispatcher.submit(new RunnableCall<>(Objects.requireNonNull(action, "action"), result));
    }

    /** Runs an action and logs what it fails with, since there is no future to fail. */
    @Override
    public void execute(Runnable action) {
        var _ = submit(action).whenComplete((_, failure) -> {
            if (failure != null) {
                System.getLogger("dev.offloop")
                        .log(System.Logger.Level.ERROR, "A function given to execute(…) failed", failure);
            }
        });
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
        return Invocations.all(this, functions, unit.toNanos(timeout));
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
        return Invocations.any(this, functions, unit.toNanos(timeout));
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
        return List.copyOf(dispatcher.shutdownNow());
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
     * Builder#closeTimeout} are cancelled and named in a warning; an interrupt cancels them at once.
     */
    @Override
    public void close() {
        boolean interrupted = false;
        shutdown();
        try {
            if (!dispatcher.awaitTermination(closeTimeout.toNanos())) {
                dispatcher.warnOf(dispatcher.busy(), closeTimeout);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (!isTerminated()) {
            shutdownNow();
            interrupted |= !awaitProcesses();
        }
        ShutdownHook.remove(dispatcher);
        if (interrupted) {
            Thread.currentThread().interrupt();
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
        private int maxWorkers = Runtime.getRuntime().availableProcessors();
        private @Nullable String maxHeap;
        private List<String> jvmArguments = List.of();
        private @Nullable Duration callTimeout;
        private Duration closeTimeout = CLOSE_TIMEOUT;

        private Builder() {}

        /** How many workers there are at most. The default is the number of processors. */
        public Builder maxWorkers(int maxWorkers) {
            if (maxWorkers < 1) {
                throw new IllegalArgumentException("maxWorkers must be at least 1: " + maxWorkers);
            }
            this.maxWorkers = maxWorkers;
            return this;
        }

        /** How large the heap of a worker may get, as {@code java -Xmx} takes it: {@code "256m"}. */
        public Builder maxHeap(String size) {
            if (!size.matches("[1-9][0-9]*[kKmMgGtT]?")) {
                throw new IllegalArgumentException("maxHeap must be a size like 256m or 2g: " + size);
            }
            this.maxHeap = size;
            return this;
        }

        /** More arguments for the {@code java} of the workers. */
        public Builder jvmArguments(String... arguments) {
            this.jvmArguments = List.of(arguments);
            return this;
        }

        /**
         * How long a function may run, counted from when it is given to a worker that is ready, not from its submission.
         * After that its worker is ended and the call fails with {@link TimeoutException}. The default is for ever.
         */
        public Builder callTimeout(Duration timeout) {
            if (!timeout.isPositive()) {
                throw new IllegalArgumentException("callTimeout must be positive: " + timeout);
            }
            this.callTimeout = bounded(timeout);
            return this;
        }

        /** How long {@link ProcessPoolExecutor#close} waits for the calls there are. The default is 30 seconds. */
        public Builder closeTimeout(Duration timeout) {
            if (timeout.isNegative()) {
                throw new IllegalArgumentException("closeTimeout must not be negative: " + timeout);
            }
            this.closeTimeout = bounded(timeout);
            return this;
        }

        /** Longer than that is for ever, and not a number of nanoseconds. */
        private static Duration bounded(Duration timeout) {
            return timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST;
        }

        /** The pool. It starts no process before the first call. */
        public ProcessPoolExecutor build() {
            return new ProcessPoolExecutor(this);
        }
    }
}
