package dev.offloop.sync;

import dev.offloop.CancelledError;
import dev.offloop.Task;
import dev.offloop.internal.util.Durations;
import java.time.Duration;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets a number of tasks, of one loop or several, and threads wait for each other, again and again.
 *
 * <ul>
 *   <li>When the last one arrives, all continue; those that arrive later belong to the next round.
 *   <li>A waiter that is cancelled, interrupted or times out leaves, and the others wait for another in its place. Only
 *       {@link #abort} breaks the barrier; {@code java.util.concurrent.CyclicBarrier} breaks when a waiter leaves.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Barrier}.
 */
public final class Barrier {

    private static final Waiter.Operation AWAIT = new Waiter.Operation("Barrier.await()", "Barrier.awaitBlocking()");
    private static final int BROKEN = -1;
    private static final int RESET = -2;
    private static final int NONE = -3;

    private final ReentrantLock mutex = new ReentrantLock();
    private final WaitQueue<Integer> line = new WaitQueue<>(mutex);
    private final int parties;
    private boolean broken;

    /**
     * Creates a barrier.
     *
     * @param parties how many have to arrive, at least 1
     * @throws IllegalArgumentException if {@code parties} is less than 1
     */
    public Barrier(int parties) {
        if (parties < 1) {
            throw new IllegalArgumentException("A barrier cannot be for " + parties);
        }
        this.parties = parties;
    }

    /**
     * Waits until all have arrived.
     *
     * @return a number that no other of this round gets, from 0; 0 for the last one
     * @throws BrokenBarrierException if the barrier is broken or reset, before or meanwhile
     * @throws CancelledError if the task is cancelled meanwhile; if all have arrived at that moment, it is thrown at
     *     the next await
     * @throws IllegalStateException if called outside of a task
     */
    public int await() throws BrokenBarrierException {
        Task<?> me = AWAIT.callingTask();
        if (arrive()) {
            return 0;
        }
        int[] late = {NONE};
        try {
            return check(line.await(AWAIT, number -> late[0] = number));
        } catch (CancelledError e) {
            if (late[0] == NONE) {
                throw e;
            }
            me.uncancel(); // the others have gone on with this one: it belongs to the round, and is cancelled after it
            me.cancel(e.getMessage());
            return check(late[0]);
        }
    }

    /**
     * Blocks the thread until all have arrived.
     *
     * @return a number that no other of this round gets, from 0; 0 for the last one
     * @throws BrokenBarrierException if the barrier is broken or reset, before or meanwhile
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public int awaitBlocking() throws BrokenBarrierException, InterruptedException {
        var _ = AWAIT.callingThread();
        Waiter<Integer> waiter = arrive() ? null : line.block(AWAIT, WaitQueue.FOR_EVER);
        return waiter == null ? 0 : check(waiter.value());
    }

    /**
     * Blocks the thread for a time until all have arrived.
     *
     * @param timeout the longest time to wait; zero or less does not wait
     * @return a number that no other of this round gets, from 0; 0 for the last one
     * @throws BrokenBarrierException if the barrier is broken or reset, before or meanwhile
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws TimeoutException if not all have arrived by then
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public int awaitBlockingFor(Duration timeout)
            throws BrokenBarrierException, InterruptedException, TimeoutException {
        var _ = AWAIT.callingThread();
        if (arrive()) {
            return 0;
        }
        Waiter<Integer> waiter = line.block(AWAIT, WaitQueue.nanos(timeout));
        if (waiter == null) {
            throw new TimeoutException("Not all have come to the barrier within " + Durations.inWords(timeout));
        }
        return check(waiter.value());
    }

    /** Returns true for the last one, which lets the others continue; else the mutex is still held. */
    private boolean arrive() throws BrokenBarrierException {
        mutex.lock();
        boolean waits = false;
        try {
            check(broken ? BROKEN : 0);
            if (line.size() + 1 < parties) {
                waits = true;
                return false;
            }
            for (int number = 1; line.grant(number); number++) {
                // and the next
            }
            return true;
        } finally {
            if (!waits) {
                mutex.unlock();
            }
        }
    }

    private static int check(int number) throws BrokenBarrierException {
        if (number < 0) {
            throw new BrokenBarrierException(
                    number == RESET ? "The barrier was reset while this waited" : "The barrier was aborted");
        }
        return number;
    }

    /**
     * Breaks the barrier: all that wait, and all that arrive before {@link #reset}, get a
     * {@link BrokenBarrierException}.
     */
    public void abort() {
        mutex.lock();
        try {
            broken = true;
            line.grantAll(BROKEN);
        } finally {
            mutex.unlock();
        }
    }

    /** Makes the barrier new: all that wait get a {@link BrokenBarrierException}. */
    public void reset() {
        mutex.lock();
        try {
            broken = false;
            line.grantAll(RESET);
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Returns how many have to arrive.
     *
     * @return the number, at least 1
     */
    public int parties() {
        return parties;
    }

    /**
     * Returns how many wait.
     *
     * @return the number, less than {@link #parties}
     */
    public int waiting() {
        mutex.lock();
        try {
            return line.size();
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Returns whether the barrier is broken.
     *
     * @return true after {@link #abort}, until {@link #reset}
     */
    public boolean broken() {
        mutex.lock();
        try {
            return broken;
        } finally {
            mutex.unlock();
        }
    }

    @Override
    public String toString() {
        return "Barrier[" + (broken() ? "broken" : waiting() + " of " + parties + " wait") + "]";
    }
}
