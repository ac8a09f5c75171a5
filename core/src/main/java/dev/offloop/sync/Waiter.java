package dev.offloop.sync;

import dev.offloop.CancelledError;
import dev.offloop.Task;
import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.LoopTask;
import dev.offloop.internal.engine.SignalFuture;
import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.Nanos;
import dev.offloop.internal.util.Sneaky;
import dev.offloop.internal.util.ThreadNames;
import dev.offloop.internal.util.VarHandles;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who waits for something that another gives: a task, which awaits, or a thread, which blocks. What all of
 * {@code dev.offloop.sync} is made of, and for those who write primitives of their own.
 *
 * <p>A waiter is made by the one who will wait, put where the giver finds it, and then either {@linkplain #grant
 * granted} or {@linkplain #leave left}, whichever comes first: so nothing is given to somebody who has gone, and
 * whoever was cancelled, or whose time was over, knows whether he has got it and must pass it on.
 *
 * <ul>
 *   <li>{@link #grant} may be called from any thread. It never blocks and runs no foreign code.
 *   <li>{@link #await} is for the task that made the waiter, {@link #block} for the thread.
 * </ul>
 *
 * @param <T> the type of what is given
 */
public final class Waiter<T extends @Nullable Object> {

    private static final VarHandle STATE = VarHandles.find(MethodHandles.lookup(), "state", int.class);
    private static final int WAITING = 0;
    private static final int GRANTED = 1;
    private static final int GONE = 2;

    private final Operation what;
    private final @Nullable LoopTask<?> task;
    private final @Nullable SignalFuture signal;
    private final @Nullable Thread thread;
    private final boolean knowsGiver;

    @SuppressWarnings("unused") // through STATE
    private volatile int state = WAITING;

    private @Nullable T value;

    private Waiter(
            Operation what,
            @Nullable LoopTask<?> task,
            @Nullable SignalFuture signal,
            @Nullable Thread thread,
            boolean knowsGiver) {
        this.what = what;
        this.task = task;
        this.signal = signal;
        this.thread = thread;
        this.knowsGiver = knowsGiver;
    }

    /**
     * A waiter for the calling task that anybody may give to.
     *
     * @param what the method that awaits, and the one that threads call instead, for the error
     * @throws IllegalStateException outside of a task
     */
    public static <T extends @Nullable Object> Waiter<T> ofTask(Operation what) {
        LoopTask<?> task = what.task();
        return new Waiter<>(what, task, new SignalFuture(task.loop, what.awaiting, () -> null), null, false);
    }

    /**
     * A waiter for the calling task.
     *
     * @param what the method that awaits, and the one that threads call instead, for the error
     * @param giver the task that will give, as far as is known
     * @throws IllegalStateException outside of a task
     */
    public static <T extends @Nullable Object> Waiter<T> ofTask(
            Operation what, Supplier<? extends @Nullable Task<?>> giver) {
        LoopTask<?> task = what.task();
        return new Waiter<>(
                what, task, new SignalFuture(task.loop, what.awaiting, () -> dependsOn(task, giver.get())), null, true);
    }

    /** A giver that is the waiter itself has just been given it, and the word of that is on its way. */
    private static @Nullable List<LoopTask<?>> dependsOn(LoopTask<?> waiter, @Nullable Task<?> giver) {
        return giver instanceof LoopTask<?> task && task != waiter && task.loop == waiter.loop ? List.of(task) : null;
    }

    /**
     * A waiter for the calling thread.
     *
     * @throws IllegalStateException on an event loop, which would be blocked
     */
    public static <T extends @Nullable Object> Waiter<T> ofThread(Operation what) {
        return new Waiter<>(what, null, null, what.thread(), false);
    }

    /** Gives it. False if the waiter has gone: then it is somebody else's. */
    public boolean grant(T value) {
        this.value = value;
        if (!STATE.compareAndSet(this, WAITING, GRANTED)) {
            return false;
        }
        SignalFuture signal = this.signal;
        if (signal == null) {
            LockSupport.unpark(thread);
        } else if (signal.loop.isCurrent()) {
            signal.give();
        } else if (!signal.loop.post(signal::give)) {
            state = GONE; // it will never run again
            ErrorLog.warnSoon(
                    "A task that waits in " + what.awaiting + " is passed over, since its event loop is closed: " + task
                            + ". It did not end when it was cancelled");
            return false;
        }
        return true;
    }

    /** The task or the thread. */
    @SuppressWarnings("NullAway") // one of them is there
    public Object party() {
        return task != null ? task : thread;
    }

    /** Gives up. False if it was granted before: then it has it. */
    public boolean leave() {
        return STATE.compareAndSet(this, WAITING, GONE);
    }

    /** What was given. Only after it was. */
    @SuppressWarnings("NullAway") // a T, which may be null
    public T value() {
        return value;
    }

    /**
     * In the task: waits until it is given, while other tasks run.
     *
     * @throws IllegalStateException if the giver, or all for whom that waits, wait for this task, and nothing else can
     *     end that
     * @throws CancelledError if the task is cancelled, also if it was given at the same moment: ask {@link #leave}
     */
    @SuppressWarnings("NullAway") // a waiter of a task has both
    public T await() {
        int lockWait = knowsGiver ? 1 : 0;
        task.loop.lockWaits += lockWait;
        try {
            task.await(signal);
        } catch (Exception e) {
            throw Sneaky.rethrow(e);
        } finally {
            task.loop.lockWaits -= lockWait;
        }
        return value();
    }

    /**
     * In the thread: blocks until it is given.
     *
     * @param nanos for how long; {@link Long#MAX_VALUE} for ever
     * @return false if the time was over before; then ask {@link #leave}
     * @throws InterruptedException if the thread was interrupted before; then ask {@link #leave}
     */
    public boolean block(long nanos) throws InterruptedException {
        long end = Nanos.sum(Nanos.elapsed(), nanos);
        while (state == WAITING) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long left = end == Long.MAX_VALUE ? end : end - Nanos.elapsed();
            if (left <= 0) {
                return false;
            }
            LockSupport.parkNanos(this, left);
        }
        return true;
    }

    /** Whether a thread is in {@link #block}, and has not been given what it waits for. */
    public static boolean isWaiting(Thread thread) {
        return LockSupport.getBlocker(thread) instanceof Waiter<?> waiter && waiter.state == WAITING;
    }

    /**
     * The two faces of a method that waits.
     *
     * @param awaiting the name of the one for tasks
     * @param blocking the name of the one for threads
     */
    public record Operation(String awaiting, String blocking) {

        LoopTask<?> task() {
            Loop loop = Loop.currentOrNull();
            LoopTask<?> task = loop == null ? null : loop.runningTask();
            if (task == null) {
                throw new IllegalStateException(
                        loop == null
                                ? awaiting + " awaits, and was called on "
                                        + ThreadNames.name(Thread.currentThread())
                                        + ", which runs no event loop: threads call " + blocking
                                : awaiting + " awaits, and was called from a callback of the loop, which cannot wait:"
                                        + " start a task there, createTask(…)");
            }
            return task;
        }

        /** The calling task. */
        public Task<?> callingTask() {
            return task();
        }

        Thread thread() {
            if (Loop.currentOrNull() != null) {
                throw new IllegalStateException(
                        blocking + " would block the event loop, and all of its tasks: here call " + awaiting);
            }
            return Thread.currentThread();
        }

        /** The calling thread, which is not an event loop's. */
        public Thread callingThread() {
            return thread();
        }
    }
}
