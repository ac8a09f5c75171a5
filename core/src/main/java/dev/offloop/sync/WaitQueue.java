package dev.offloop.sync;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait at a primitive, tasks and threads, in their order of arrival.
 *
 * <p>Guarded by the primitive's mutex, which is held for a few steps and never while anybody waits.
 *
 * @param <T> the type of what they wait for
 */
final class WaitQueue<T extends @Nullable Object> {

    /** What to do with what a task was given that is cancelled at that moment. Under the mutex. */
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

    /** Gives to the first that still waits. False if there is none. */
    boolean grant(T value) {
        assert mutex.isHeldByCurrentThread();
        for (Waiter<T> first = waiters.pollFirst(); first != null; first = waiters.pollFirst()) {
            if (first.grant(value)) {
                return true;
            }
        }
        return false;
    }

    /** Gives to all that wait. */
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

    /** Lets the calling task wait for nobody in particular. */
    T await(Waiter.Operation face, PassOn<T> passOn) {
        return await(Waiter.ofTask(face), passOn);
    }

    /** Lets the calling thread wait. What it was given is in the waiter; null if the time is over. */
    @Nullable
    Waiter<T> block(Waiter.Operation face, long nanos) throws InterruptedException {
        assert mutex.isHeldByCurrentThread();
        Waiter<T> waiter = Waiter.ofThread(face);
        waiters.addLast(waiter);
        mutex.unlock();
        try {
            return waiter.block(nanos) || !leave(waiter) ? waiter : null;
        } catch (InterruptedException e) {
            if (leave(waiter)) {
                throw e;
            }
            Thread.currentThread().interrupt(); // it came too late: for the next one who looks
            return waiter;
        }
    }

    /** False if it was granted before. Under the mutex, so that who is in the line can be counted on. */
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
