package dev.offloop.sync;

import dev.offloop.Coroutine;
import dev.offloop.Waiter;
import java.time.Duration;
import java.util.concurrent.Callable;
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
 * <p>Answers to {@code asyncio.Semaphore} and {@code threading.Semaphore}.
 */
public sealed class Semaphore permits BoundedSemaphore {

    private static final Waiter.Face ACQUIRE = new Waiter.Face("Semaphore.acquire()", "Semaphore.acquireBlocking()");

    private final ReentrantLock mutex = new ReentrantLock();
    private final Line<@Nullable Void> line = new Line<>(mutex);
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
    public void acquire() {
        ACQUIRE.callingTask();
        mutex.lock();
        if (permits > 0) {
            permits--;
            mutex.unlock();
        } else {
            var _ = line.await(ACQUIRE, _ -> give());
        }
    }

    /** Runs a body that has a permit. */
    public <T extends @Nullable Object> T with(Coroutine<T> body) throws Exception {
        acquire();
        try {
            return body.run();
        } finally {
            release();
        }
    }

    /** The void form of {@link #with(Coroutine)}. */
    public void with(Coroutine.Action body) throws Exception {
        acquire();
        try {
            body.run();
        } finally {
            release();
        }
    }

    // ---- threads

    /**
     * Takes a permit, and blocks the thread as long as there is none.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile; then it has none
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void acquireBlocking() throws InterruptedException {
        boolean _ = acquireBlocking(Line.FOR_EVER);
    }

    /** {@link #acquireBlocking()} for a time. False if the time was over before; then it has none. */
    public boolean acquireBlocking(Duration timeout) throws InterruptedException {
        return acquireBlocking(Line.nanos(timeout));
    }

    private boolean acquireBlocking(long nanos) throws InterruptedException {
        var _ = ACQUIRE.callingThread();
        mutex.lock();
        if (permits > 0) {
            permits--;
            mutex.unlock();
            return true;
        }
        return line.block(ACQUIRE, nanos) != null;
    }

    /** Runs a function that has a permit, on the calling thread. */
    public <T extends @Nullable Object> T withBlocking(Callable<T> function) throws Exception {
        acquireBlocking();
        try {
            return function.call();
        } finally {
            release();
        }
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
    public void release() {
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
        return getClass().getSimpleName() + "[" + permits() + " permits]";
    }
}
