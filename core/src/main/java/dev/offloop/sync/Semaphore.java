package dev.offloop.sync;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A number of permits that tasks, of one loop or several, and threads share: so many may be at something at a time.
 *
 * <ul>
 *   <li>Fair: who comes first gets the next permit, task or thread; one that is free goes to nobody who comes later.
 *   <li>A cancelled, interrupted or late waiter has no permit, and none is lost with it.
 *   <li>Anybody may release, and so make more permits than there were; a {@link BoundedSemaphore} tells that.
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

    /** A semaphore of so many permits; none is allowed. */
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
     * Takes a permit, and awaits one as long as there is none.
     *
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile; then it has none
     * @throws IllegalStateException outside of a task
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

    /** Takes a permit if there is one. */
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
     * Gives a permit back, to the one who waits longest.
     *
     * @throws IllegalStateException if it is a {@link BoundedSemaphore} that has all of its permits
     */
    @Override
    public final void release() {
        mutex.lock();
        try {
            if (permits >= bound) {
                throw new IllegalStateException("The semaphore has all of its " + bound
                        + " permits: one was released that nobody had acquired");
            }
            give();
        } finally {
            mutex.unlock();
        }
    }

    /** Under the mutex. While somebody waits there is no permit, and so nobody who comes later finds one. */
    private void give() {
        assert mutex.isHeldByCurrentThread();
        if (!line.grant(null)) {
            permits++;
        }
    }

    /** How many permits are free. */
    public int permits() {
        mutex.lock();
        try {
            return permits;
        } finally {
            mutex.unlock();
        }
    }

    /** Whether all permits are taken. */
    public boolean locked() {
        return permits() == 0;
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[permits: " + permits() + "]";
    }
}
