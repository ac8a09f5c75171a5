package dev.offloop.sync;

import dev.offloop.CancelledError;
import dev.offloop.Task;
import dev.offloop.internal.util.Durations;
import java.time.Duration;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where so many tasks, of one loop or several, and threads wait for each other, again and again.
 *
 * <ul>
 *   <li>The last that comes lets all go on; who comes after them belongs to the next round.
 *   <li>Who is cancelled, interrupted or late leaves, and the others wait for another in its place; nothing is broken
 *       but by {@link #abort}.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Barrier}; {@code java.util.concurrent.CyclicBarrier} breaks when somebody leaves.
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

    /** A barrier for so many. */
    public Barrier(int parties) {
        if (parties < 1) {
            throw new IllegalArgumentException("A barrier cannot be for " + parties);
        }
        this.parties = parties;
    }

    /**
     * Lets the calling task wait until all have come.
     *
     * @return a number that no other of this round gets, from 0; 0 for the last that came
     * @throws BrokenBarrierException if the barrier is broken, before or meanwhile
     * @throws CancelledError if the task is cancelled meanwhile; if that is when all have come, it is raised at the
     *     next await
     * @throws IllegalStateException outside of a task
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
     * Blocks the calling thread until all have come.
     *
     * @return as {@link #await}
     * @throws BrokenBarrierException if the barrier is broken, before or meanwhile
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public int awaitBlocking() throws BrokenBarrierException, InterruptedException {
        var _ = AWAIT.callingThread();
        Waiter<Integer> waiter = arrive() ? null : line.block(AWAIT, WaitQueue.FOR_EVER);
        return waiter == null ? 0 : check(waiter.value());
    }

    /** {@link #awaitBlocking()} for a time. */
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

    /** True for the last, who lets the others go on; else the mutex is held after it. */
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

    /** Breaks the barrier: all who wait, and who come, get an error, until {@link #reset}. */
    public void abort() {
        mutex.lock();
        try {
            broken = true;
            line.grantAll(BROKEN);
        } finally {
            mutex.unlock();
        }
    }

    /** Makes the barrier as it was at first. All who wait get an error. */
    public void reset() {
        mutex.lock();
        try {
            broken = false;
            line.grantAll(RESET);
        } finally {
            mutex.unlock();
        }
    }

    /** How many make a round. */
    public int parties() {
        return parties;
    }

    /** How many wait. */
    public int waiting() {
        mutex.lock();
        try {
            return line.size();
        } finally {
            mutex.unlock();
        }
    }

    /** Whether it is broken. */
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
