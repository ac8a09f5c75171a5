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
 * Waits, as a task or a thread, for a value that another grants. All of {@code dev.offloop.sync} is made of waiters;
 * they are public for those that write primitives of their own.
 *
 * <p>The one that will wait makes the waiter and puts it where the giver finds it. The waiter is then either
 * {@linkplain #grant granted} or {@linkplain #leave left}, whichever comes first: so nothing is granted to a waiter
 * that has given up, and one that was cancelled or has timed out knows whether it has got the value and must pass it
 * on.
 *
 * <ul>
 *   <li>{@link #grant} may be called from any thread. It never blocks and runs no foreign code.
 *   <li>{@link #await} is for the task that made the waiter, {@link #block} for the thread.
 * </ul>
 *
 * <p>Counterpart of the future in the waiters of {@code asyncio.Lock}.
 *
 * @param <T> the type of what is granted
 */
public final class Waiter<T extends @Nullable Object> {

    private static final VarHandle STATE = VarHandles.find(MethodHandles.lookup(), "state", int.class);
    private static final int WAITING = 0;
    private static final int GRANTED = 1;
    private static final int LEFT = 2;

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
     * Creates a waiter for the calling task, to which any thread or task may grant.
     *
     * @param what the method that awaits and the one that threads call instead, for the error
     * @param <T> the type of what is granted
     * @return the waiter
     * @throws IllegalStateException if called outside of a task
     */
    public static <T extends @Nullable Object> Waiter<T> ofTask(Operation what) {
        LoopTask<?> task = what.task();
        return new Waiter<>(what, task, new SignalFuture(task.loop, what.awaiting, () -> null), null, false);
    }

    /**
     * Creates a waiter for the calling task that knows the task it waits for, so that a circle of such tasks is found.
     *
     * @param what the method that awaits and the one that threads call instead, for the error
     * @param giver returns the task that will grant, as far as is known
     * @param <T> the type of what is granted
     * @return the waiter
     * @throws IllegalStateException if called outside of a task
     */
    public static <T extends @Nullable Object> Waiter<T> ofTask(
            Operation what, Supplier<? extends @Nullable Task<?>> giver) {
        LoopTask<?> task = what.task();
        return new Waiter<>(
                what, task, new SignalFuture(task.loop, what.awaiting, () -> dependsOn(task, giver.get())), null, true);
    }

    /** A giver that is the waiter itself has just been granted it, and the signal is on its way. */
    private static @Nullable List<LoopTask<?>> dependsOn(LoopTask<?> waiter, @Nullable Task<?> giver) {
        return giver instanceof LoopTask<?> task && task != waiter && task.loop == waiter.loop ? List.of(task) : null;
    }

    /**
     * Creates a waiter for the calling thread.
     *
     * @param what the method that tasks call and the one that blocks, for the error
     * @param <T> the type of what is granted
     * @return the waiter
     * @throws IllegalStateException on an event loop, which would be blocked
     */
    public static <T extends @Nullable Object> Waiter<T> ofThread(Operation what) {
        return new Waiter<>(what, null, null, what.thread(), false);
    }

    /**
     * Grants the value.
     *
     * @param value the value
     * @return false if the waiter has given up; the caller then keeps the value
     */
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
            state = LEFT; // it will never run again
            ErrorLog.warnSoon(
                    "A task that waits in " + what.awaiting + " is passed over, since its event loop is closed: " + task
                            + ". It did not end when it was cancelled");
            return false;
        }
        return true;
    }

    /**
     * Returns the task or the thread that waits.
     *
     * @return the task or the thread
     */
    @SuppressWarnings("NullAway") // one of them is there
    public Object party() {
        return task != null ? task : thread;
    }

    /**
     * Gives up.
     *
     * @return false if the value was granted before; then the waiter has it
     */
    public boolean leave() {
        return STATE.compareAndSet(this, WAITING, LEFT);
    }

    /**
     * Returns what was granted.
     *
     * @return the value; not before it was granted
     */
    @SuppressWarnings("NullAway") // a T, which may be null
    public T value() {
        return value;
    }

    /**
     * Waits in the task until the value is granted, while other tasks run.
     *
     * @return the value
     * @throws IllegalStateException if the giver, or all that it waits for, wait for this task and nothing else can end
     *     that
     * @throws CancelledError if the task is cancelled, also if the value was granted at the same moment: {@link #leave}
     *     says which
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
     * Blocks the thread until the value is granted.
     *
     * @param nanos the longest time to wait, in nanoseconds; {@link Long#MAX_VALUE} for no limit
     * @return false if the time has expired; then {@link #leave} says whether the value was granted after all
     * @throws InterruptedException if the thread is interrupted; then {@link #leave} says the same
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

    /**
     * Returns whether a thread is in {@link #block} and the value has not been granted.
     *
     * @param thread the thread
     * @return true if it waits
     */
    public static boolean isWaiting(Thread thread) {
        return LockSupport.getBlocker(thread) instanceof Waiter<?> waiter && waiter.state == WAITING;
    }

    /**
     * Names the two forms of a method that waits.
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

        /**
         * Returns the calling task.
         *
         * @return the task
         * @throws IllegalStateException if called outside of a task
         */
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

        /**
         * Returns the calling thread.
         *
         * @return the thread
         * @throws IllegalStateException on an event loop, which would be blocked
         */
        public Thread callingThread() {
            return thread();
        }
    }
}
