package dev.offloop.sync;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets tasks, of one loop or several, and threads wait until a count has come down to zero, once.
 *
 * <p>What was done before {@link #countDown} is visible to those that have waited. Counterpart of
 * {@code java.util.concurrent.CountDownLatch}.
 */
public final class CountDownLatch {

    private static final Waiter.Operation AWAIT =
            new Waiter.Operation("CountDownLatch.await()", "CountDownLatch.awaitBlocking()");

    private final Event zero = new Event();
    private final AtomicLong count;

    /**
     * Creates a latch.
     *
     * @param count how often {@link #countDown} has to be called; 0 for a latch that is open
     * @throws IllegalArgumentException if the count is negative
     */
    public CountDownLatch(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("A latch cannot count down from " + count);
        }
        this.count = new AtomicLong(count);
        if (count == 0) {
            zero.set();
        }
    }

    /** Takes one off the count; does nothing at zero. */
    public void countDown() {
        if (count.getAndUpdate(left -> Math.max(0, left - 1)) == 1) {
            zero.set();
        }
    }

    /**
     * Returns the count.
     *
     * @return how often {@link #countDown} still has to be called
     */
    public long count() {
        return count.get();
    }

    /**
     * Waits until the count is zero.
     *
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile
     * @throws IllegalStateException if called outside of a task
     */
    public void await() {
        AWAIT.callingTask();
        zero.await();
    }

    /**
     * Blocks the thread until the count is zero.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void awaitBlocking() throws InterruptedException {
        var _ = AWAIT.callingThread();
        zero.awaitBlocking();
    }

    /**
     * Blocks the thread for a time until the count is zero.
     *
     * @param timeout the longest time to wait; zero or less does not wait
     * @return false if the count was not zero by then
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public boolean awaitBlockingFor(Duration timeout) throws InterruptedException {
        var _ = AWAIT.callingThread();
        return zero.awaitBlockingFor(timeout);
    }

    @Override
    public String toString() {
        return "CountDownLatch[" + count() + "]";
    }
}
