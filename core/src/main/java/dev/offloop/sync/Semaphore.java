package dev.offloop.sync;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands out a number of permits to tasks, of one loop or several, and threads, and so bounds how many do something at a
 * time.
 *
 * <ul>
 *   <li>Fair: permits are granted in order of arrival, to tasks and threads alike; a free one never goes to a later
 *       caller while another waits.
 *   <li>A waiter that is cancelled, interrupted or times out has no permit, and none is lost with it.
 *   <li>Any caller may release, and so make more permits than there were; a {@link BoundedSemaphore} throws then.
 *   <li>To bound offloaded functions a {@link dev.offloop.CapacityLimiter} is simpler.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Semaphore} and {@code threading.Semaphore}.
 */
public sealed class Semaphore extends Scoped permits BoundedSemaphore {

    private static final Waiter.Operation ACQUIRE =
            new Waiter.Operation("Semaphore.acquire()", "Semaphore.acquireBlocking()");

    private final ReentrantLock mutex = new ReentrantLock();
    private final WaitQueue<@Nullable Void> line = new WaitQueue<>(mutex);
    private final int bound;
    private int permits;

    /**
     * Creates a semaphore.
     *
     * @param permits the number of permits, zero or more
     * @throws IllegalArgumentException if {@code permits} is negative
     */
    public Semaphore(int permits) {
        this(permits, Integer.MAX_VALUE);
    }

    Semaphore(int permits, int bound) {
        if (permits < 0) {
            throw new IllegalArgumentException("A semaphore cannot have " + permits + " permits");
        }
        this.permits = permits;
        this.bound = bound;
    }

    // ---- tasks

    /**
     * Takes a permit, and awaits one while there is none.
     *
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile; then it has none
     * @throws IllegalStateException if called outside of a task
     */
    @Override
    public final void acquire() {
        ACQUIRE.callingTask();
        mutex.lock();
        if (permits > 0) {
            permits--;
            mutex.unlock();
        } else {
            var _ = line.await(ACQUIRE, _ -> give());
        }
    }

    // ---- threads

    @Override
    boolean acquireBlocking(long nanos) throws InterruptedException {
        var _ = ACQUIRE.callingThread();
        mutex.lock();
        if (permits > 0) {
            permits--;
            mutex.unlock();
            return true;
        }
        return line.block(ACQUIRE, nanos) != null;
    }

    // ---- both

    /**
     * Takes a permit if there is one.
     *
     * @return false if there is none
     */
    public boolean tryAcquire() {
        mutex.lock();
        try {
            if (permits == 0) {
                return false;
            }
            permits--;
            return true;
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Gives a permit back, to the one that has waited longest.
     *
     * @throws IllegalStateException if it is a {@link BoundedSemaphore} that has all of its permits
     */
    @Override
    public final void release() {
        mutex.lock();
        try {
            if (permits >= bound) {
                throw new IllegalStateException(
                        "The semaphore has all of its " + bound + " permits: one was released that was not acquired");
            }
            give();
        } finally {
            mutex.unlock();
        }
    }

    /** Under the mutex. While a caller waits there is no free permit, so a later caller finds none. */
    private void give() {
        assert mutex.isHeldByCurrentThread();
        if (!line.grant(null)) {
            permits++;
        }
    }

    /**
     * Returns how many permits are free.
     *
     * @return the number, zero or more
     */
    public int permits() {
        mutex.lock();
        try {
            return permits;
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Returns whether no permit is free.
     *
     * @return true if an acquire would wait
     */
    public boolean locked() {
        return permits() == 0;
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[permits: " + permits() + "]";
    }
}
