package dev.offloop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A function on an executor's thread, and the future of its result on the loop.
 *
 * <p>{@code owner} decides all races by compare-and-set. It is null while the function waits. The thread that puts itself
 * there runs the function; the loop, if it comes first, puts {@link #OVER} there and knows that the function will never
 * run. A cancellation that finds a thread there puts {@link #INTERRUPTING} in its place while it interrupts it, and the
 * thread does not leave the call before that is over: the interrupt reaches this function or nobody, never the next one
 * on the same thread.
 *
 * <p>The thread computes ({@link #compute}), then delivers ({@link #deliver}) through the loop's inbox. The default pool
 * does the two apart, so that a worker is idle again before the loop can know of its result.
 */
final class OffloadedCall<T extends @Nullable Object> extends LoopFuture<T> implements Runnable {

    private static final Object INTERRUPTING = new Object();
    private static final Object OVER = new Object();
    private static final VarHandle OWNER = VarHandles.find(MethodHandles.lookup(), "owner", Object.class);

    /** Between two attempts to deliver a result that no memory is left for. */
    private static final long RETRY_NANOS = 10_000_000;

    private final Executor executor;
    private @Nullable Callable<? extends T> function;
    private volatile @Nullable Object owner;

    /** Written by the owner before it delivers, read on the loop after. */
    private @Nullable Object value;

    private @Nullable Throwable thrown;

    OffloadedCall(EventLoop loop, Executor executor, Callable<? extends T> function) {
        super(loop);
        this.executor = executor;
        this.function = Objects.requireNonNull(function, "function");
    }

    /** Hands the call to its executor. */
    void start() {
        try {
            executor.execute(this);
        } catch (Throwable t) { // a full or closed executor; the function will not run
            if (OWNER.compareAndSet(this, null, OVER)) {
                fail(t);
                loop.pendingCalls().remove(this);
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

    /** Runs the function, unless it was cancelled before, or is run already. */
    boolean compute() {
        Thread me = Thread.currentThread();
        Callable<? extends T> function = this.function;
        if (function == null || !OWNER.compareAndSet(this, null, me)) {
            return false;
        }
        try {
            value = function.call();
        } catch (Throwable t) {
            thrown = t;
        }
        if (!OWNER.compareAndSet(this, me, OVER)) {
            while (owner == INTERRUPTING) {
                Thread.onSpinWait(); // the loop is inside Thread.interrupt()
            }
            boolean _ = Thread.interrupted(); // it was meant for the function, which is over
        }
        return true;
    }

    /** Brings the end to the loop. Somebody awaits it, so it is tried again when there is no memory for the message. */
    void deliver() {
        boolean delivered = false;
        while (!delivered) {
            try {
                loop.post(this::complete);
                delivered = true;
            } catch (OutOfMemoryError e) {
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    /** From an executor that gives the call up without running it. */
    void drop(String why) {
        if (OWNER.compareAndSet(this, null, OVER)) {
            thrown = new RejectedExecutionException(why);
            deliver();
        }
    }

    // ---- on the loop

    @Override
    String what() {
        return "an offloaded function";
    }

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
        if (OWNER.compareAndSet(this, null, OVER)) {
            function = null; // the executor may keep this object in its queue for long
        } else if (owner instanceof Thread thread && OWNER.compareAndSet(this, thread, INTERRUPTING)) {
            thread.interrupt();
            owner = OVER;
        }
        loop.pendingCalls().remove(this);
        return endCancelled(message);
    }

    /** Fails the call if its executor has ended without having run it, as {@code shutdownNow()} makes one do. */
    boolean failIfDropped() {
        if (executor instanceof ExecutorService service
                && service.isTerminated()
                && OWNER.compareAndSet(this, null, OVER)) {
            fail(new RejectedExecutionException(
                    "The executor was shut down before the function could start: " + service));
            return true;
        }
        return done();
    }
}
