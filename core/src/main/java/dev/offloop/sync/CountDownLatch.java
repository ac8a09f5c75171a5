package dev.offloop.sync;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts down to zero, once, for tasks, of one loop or several, and threads to wait for.
 *
 * <p>What was done before {@link #countDown} is seen by who has waited. Counterpart of
 * {@code java.util.concurrent.CountDownLatch}.
 */
public final class CountDownLatch {

    private static final Waiter.Operation AWAIT =
            new Waiter.Operation("CountDownLatch.await()", "CountDownLatch.awaitBlocking()");

    private final Event zero = new Event();
    private final AtomicLong count;

    /** A latch that is open after so many. */
    public CountDownLatch(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("A latch cannot count down from " + count);
        }
        this.count = new AtomicLong(count);
        if (count == 0) {
            zero.set();
        }
    }

    /** One less; nothing happens at zero. */
    public void countDown() {
        if (count.getAndUpdate(left -> Math.max(0, left - 1)) == 1) {
            zero.set();
        }
    }

    /** How many are left. */
    public long count() {
        return count.get();
    }

    /**
     * Lets the calling task wait for zero.
     *
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile
     * @throws IllegalStateException outside of a task
     */
    public void await() {
        AWAIT.callingTask();
        zero.await();
    }

    /**
     * Blocks the calling thread until zero.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void awaitBlocking() throws InterruptedException {
        var _ = AWAIT.callingThread();
        zero.awaitBlocking();
    }

    /** {@link #awaitBlocking()} for a time. False if it is not zero by then. */
    public boolean awaitBlockingFor(Duration timeout) throws InterruptedException {
        var _ = AWAIT.callingThread();
        return zero.awaitBlockingFor(timeout);
    }

    @Override
    public String toString() {
        return "CountDownLatch[" + count() + "]";
    }
}
