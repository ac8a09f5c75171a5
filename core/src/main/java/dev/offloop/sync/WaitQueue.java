package dev.offloop.sync;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Holds the tasks and threads that wait at a primitive, in their order of arrival.
 *
 * <p>Guarded by the primitive's mutex, which is held for a few steps and never while a caller waits.
 *
 * @param <T> the type of what they wait for
 */
final class WaitQueue<T extends @Nullable Object> {

    /** Passes on what was granted to a task that is cancelled at that moment. Under the mutex. */
    interface PassOn<T extends @Nullable Object> {
        void passOn(T value);
    }

    static final long FOR_EVER = Long.MAX_VALUE;

    private final ReentrantLock mutex;
    private final ArrayDeque<Waiter<T>> waiters = new ArrayDeque<>();

    WaitQueue(ReentrantLock mutex) {
        this.mutex = mutex;
    }

    boolean isEmpty() {
        assert mutex.isHeldByCurrentThread();
        return waiters.isEmpty();
    }

    int size() {
        assert mutex.isHeldByCurrentThread();
        return waiters.size();
    }

    /** Grants to the first that still waits. Returns false if there is none. */
    boolean grant(T value) {
        assert mutex.isHeldByCurrentThread();
        for (Waiter<T> first = waiters.pollFirst(); first != null; first = waiters.pollFirst()) {
            if (first.grant(value)) {
                return true;
            }
        }
        return false;
    }

    /** Grants to all that wait. */
    void grantAll(T value) {
        while (grant(value)) {
            // and the next
        }
    }

    /** Takes out the first; null if there is none. */
    @Nullable
    Waiter<T> poll() {
        assert mutex.isHeldByCurrentThread();
        return waiters.pollFirst();
    }

    // ---- with the mutex held before, and not after

    /** Lets the calling task wait. */
    T await(Waiter<T> waiter, PassOn<T> passOn) {
        assert mutex.isHeldByCurrentThread();
        waiters.addLast(waiter);
        mutex.unlock();
        try {
            return waiter.await();
        } catch (Throwable cancelled) {
            if (!leave(waiter)) {
                passOn(waiter.value(), passOn);
            }
            throw cancelled;
        }
    }

    /** Lets the calling task wait, for no task in particular. */
    T await(Waiter.Operation operation, PassOn<T> passOn) {
        return await(Waiter.ofTask(operation), passOn);
    }

    /** Lets the calling thread wait. Returns the waiter that holds the value; null if the time has expired. */
    @Nullable
    Waiter<T> block(Waiter.Operation operation, long nanos) throws InterruptedException {
        assert mutex.isHeldByCurrentThread();
        Waiter<T> waiter = Waiter.ofThread(operation);
        waiters.addLast(waiter);
        mutex.unlock();
        try {
            return waiter.block(nanos) || !leave(waiter) ? waiter : null;
        } catch (InterruptedException e) {
            if (leave(waiter)) {
                throw e;
            }
            Thread.currentThread().interrupt(); // it came too late for this wait
            return waiter;
        }
    }

    /**
     * Returns false if it was granted before. Under the mutex, so that the others can count on what is in the queue.
     */
    private boolean leave(Waiter<T> waiter) {
        mutex.lock();
        try {
            return waiter.leave() && waiters.removeIf(other -> other == waiter);
        } finally {
            mutex.unlock();
        }
    }

    private void passOn(T value, PassOn<T> passOn) {
        mutex.lock();
        try {
            passOn.passOn(value);
        } finally {
            mutex.unlock();
        }
    }

    /** A timeout, as nanoseconds. */
    static long nanos(Duration timeout) {
        try {
            return Math.max(0, timeout.toNanos());
        } catch (ArithmeticException longer) {
            return FOR_EVER;
        }
    }
}
