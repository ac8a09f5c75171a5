package dev.offloop.process;

import dev.offloop.CancelledError;
import dev.offloop.RemoteCallable;
import dev.offloop.RemoteFunction;
import dev.offloop.process.internal.pool.Pool;
import dev.offloop.process.internal.worker.SessionStates;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A session as a pool of one worker, which ends with it.
 *
 * <p>The first call makes the state, which stays in a table of the worker. The functions are calls that look it up
 * there, and the last call closes it. When the process dies, {@link Pool} does not start another one, but fails the
 * calls that wait.
 *
 * @param <S> the state
 */
final class ProcessSession<S extends @Nullable Object> implements WorkerSession<S> {

    /** Numbers the states that a process keeps: in this one, where workers are threads, those of several pools. */
    private static final AtomicLong NAMES = new AtomicLong();

    private final ProcessPoolExecutor worker;
    private final Pool pool;

    private final String name;

    /** Ends with the process id when the state is there. */
    private final CompletableFuture<Long> opened;

    ProcessSession(ProcessPoolExecutor worker, CallOptions options, RemoteCallable<S> state) {
        this.worker = worker;
        this.pool = worker.pool();
        this.name = pool.name() + "@" + NAMES.incrementAndGet();
        this.opened = worker.submit(options, opening(name, state)).thenApply(_ -> pool.lastPid());
        var _ = worker.terminated().thenRun(() -> SessionStates.forget(name)); // that of a thread which was given up
        var _ = opened.whenComplete((_, failure) -> {
            if (failure != null) {
                worker.shutdown(); // those that wait fail for the same reason
            }
        });
    }

    // Static, so that what is sent has no reference to this. The user's function is captured first: the worker names
    // its thread after it.

    private static RemoteCallable<@Nullable Void> opening(String name, RemoteCallable<?> state) {
        return () -> {
            RemoteCallable<?> function = state;
            SessionStates.open(name, function);
            return null;
        };
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // the state is what a RemoteCallable<S> has returned
    private static <S extends @Nullable Object, T extends @Nullable Object> RemoteCallable<T> inState(
            String name, RemoteFunction<? super S, T> function) {
        Objects.requireNonNull(function, "function");
        return () -> {
            RemoteFunction<? super S, T> each = function;
            return each.apply((S) SessionStates.of(name));
        };
    }

    private static RemoteCallable<@Nullable Void> closing(String name) {
        return () -> {
            SessionStates.close(name);
            return null;
        };
    }

    /**
     * Checks the options of a call.
     *
     * @param options those given by the user
     * @throws IllegalArgumentException if they do not go with a session
     */
    static void check(CallOptions options) {
        if (options.priority() != 0 || options.retriesOnCrash() > 0) {
            throw new IllegalArgumentException("The functions of a session run in order, and none can be retried after"
                    + " a crash, since the state is lost: leave out the priority and the retries");
        }
    }

    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(RemoteFunction<? super S, T> function) {
        return submit(CallOptions.DEFAULT, function);
    }

    @Override
    public <T extends @Nullable Object> CompletableFuture<T> submit(
            CallOptions options, RemoteFunction<? super S, T> function) {
        check(options);
        RemoteCallable<T> call = inState(name, function);
        try {
            return worker.submit(options, call);
        } catch (RejectedExecutionException e) {
            SessionEndedException why = whyEnded();
            if (why != null) {
                return CompletableFuture.failedFuture(why);
            }
            throw worker.isShutdown() ? new RejectedExecutionException("The session, or its pool, was closed") : e;
        }
    }

    /**
     * Returns why the session has ended, unless it was closed.
     *
     * @return what functions fail with from now on; null if it was not ended by a failure
     */
    private @Nullable SessionEndedException whyEnded() {
        if (opened.state() == Future.State.FAILED && !(opened.exceptionNow() instanceof CancellationException)) {
            return notOpened(opened.exceptionNow());
        }
        String reason = pool.endOfItsWorker();
        return reason == null ? null : new SessionEndedException(reason, null);
    }

    private static SessionEndedException notOpened(Throwable failure) {
        Throwable why =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return switch (why) {
            case SessionEndedException ended -> ended;
            case CancellationException _ ->
                new SessionEndedException("The session was closed before its state was made", why);
            default -> SessionStates.notMade(why);
        };
    }

    @Override
    public long pid() {
        try {
            return Waits.resultOf(opened.copy()); // a copy, since a task that is cancelled cancels what it awaits
        } catch (RuntimeException | Error e) {
            if (opened.state() == Future.State.FAILED && !(e instanceof CancelledError)) {
                throw notOpened(e);
            }
            throw e;
        }
    }

    // ---- the end

    /** Takes no more functions. Does not wait. */
    void shutdown() {
        pool.shutdownAfter(closing(name));
    }

    ProcessPoolExecutor worker() {
        return worker;
    }

    @Override
    public void close() {
        shutdown();
        worker.close();
    }
}
