package dev.offloop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A function on an executor's thread, and the future of its result on the loop.
 *
 * <p>{@code progress} decides all races by compare-and-set. Whoever takes it from {@code WAITING} owns the function: the
 * thread, to run it, or the loop, which then knows that it will never run. A cancellation that finds it {@code RUNNING}
 * takes it to {@code INTERRUPTING} while it interrupts, and the thread does not leave the call before that is over: the
 * interrupt reaches this function or nobody, never the next one on the same thread.
 *
 * <p>The thread computes ({@link #compute}), then delivers ({@link #deliver}) through the loop's inbox. The default pool
 * does the two apart, so that a worker is idle again before the loop can know of its result.
 */
final class OffloadedCall<T extends @Nullable Object> extends LoopFuture<T> implements Runnable {

    private static final int WAITING = 0;
    private static final int RUNNING = 1;
    private static final int INTERRUPTING = 2;
    private static final int OVER = 3;
    private static final VarHandle PROGRESS;

    static {
        try {
            PROGRESS = MethodHandles.lookup().findVarHandle(OffloadedCall.class, "progress", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Executor executor;
    private @Nullable Callable<? extends T> function;
    private volatile int progress;
    private @Nullable Thread runner;

    /** Written by the runner before it delivers, read on the loop after. */
    private @Nullable Object value;

    private @Nullable Throwable thrown;

    OffloadedCall(EventLoop loop, Executor executor, Callable<? extends T> function) {
        super(loop);
        this.executor = executor;
        this.function = function;
    }

    /** Hands the call to its executor. */
    void start() {
        try {
            executor.execute(this);
        } catch (Throwable t) { // a full or closed executor; the function will not run
            if (PROGRESS.compareAndSet(this, WAITING, OVER)) {
                fail(t);
            }
        }
    }

    // ---- on the executor's thread

    @Override
    public void run() {
        if (compute()) {
            deliver();
        }
    }

    /** Runs the function, unless it was cancelled before. */
    boolean compute() {
        runner = Thread.currentThread();
        Callable<? extends T> function = this.function;
        if (function == null || !PROGRESS.compareAndSet(this, WAITING, RUNNING)) {
            return false;
        }
        try {
            value = function.call();
        } catch (Throwable t) {
            thrown = t;
        }
        if (!PROGRESS.compareAndSet(this, RUNNING, OVER)) {
            while (progress == INTERRUPTING) {
                Thread.onSpinWait(); // the loop is inside Thread.interrupt()
            }
            boolean _ = Thread.interrupted(); // it was meant for the function, which is over
        }
        return true;
    }

    void deliver() {
        loop.post(this::complete);
    }

    // ---- on the loop

    @SuppressWarnings({"unchecked", "NullAway"}) // only the function's result is put there, a T even when it is null
    private void complete() {
        if (thrown != null) {
            fail(thrown);
        } else {
            succeed((T) value);
        }
        loop.pendingCalls().remove(this);
    }

    @Override
    boolean cancelHere(@Nullable String message) {
        if (done()) {
            return false;
        }
        if (PROGRESS.compareAndSet(this, WAITING, OVER)) {
            function = null; // the executor may keep this object in its queue for long
        } else if (PROGRESS.compareAndSet(this, RUNNING, INTERRUPTING)) {
            interruptRunner();
            progress = OVER;
        }
        loop.pendingCalls().remove(this);
        return endCancelled(message);
    }

    private void interruptRunner() {
        if (runner != null) {
            runner.interrupt();
        }
    }

    /** Fails the call if its executor has ended without having run it, as {@code shutdownNow()} makes one do. */
    boolean failIfDropped() {
        if (executor instanceof ExecutorService service
                && service.isTerminated()
                && PROGRESS.compareAndSet(this, WAITING, OVER)) {
            fail(new RejectedExecutionException(
                    "The executor was shut down before the function could start: " + service));
            return true;
        }
        return done();
    }
}
