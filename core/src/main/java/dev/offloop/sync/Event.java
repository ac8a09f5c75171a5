package dev.offloop.sync;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets tasks, of one loop or several, and threads wait until something has happened.
 *
 * <ul>
 *   <li>{@link #set} lets all that wait continue, and all that come later, until {@link #clear}. Those that waited
 *       continue also if it is cleared at once.
 *   <li>What was done before {@code set} is visible to those that have waited for it.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Event} and {@code threading.Event}.
 */
public final class Event {

    private static final Waiter.Operation AWAIT = new Waiter.Operation("Event.await()", "Event.awaitBlocking()");

    private final ReentrantLock mutex = new ReentrantLock();
    private final WaitQueue<@Nullable Void> line = new WaitQueue<>(mutex);
    private volatile boolean set;

    /** Creates an event that is not set. */
    public Event() {}

    /**
     * Waits until the event is set. Returns at once if it is.
     *
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile
     * @throws IllegalStateException if called outside of a task
     */
    public void await() {
        AWAIT.callingTask();
        mutex.lock();
        if (set) {
            mutex.unlock();
        } else {
            var _ = line.await(AWAIT, _ -> {});
        }
    }

    /**
     * Blocks the thread until the event is set. Returns at once if it is.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void awaitBlocking() throws InterruptedException {
        boolean _ = awaitBlocking(WaitQueue.FOR_EVER);
    }

    /**
     * Blocks the thread for a time until the event is set.
     *
     * @param timeout the longest time to wait; zero or less does not wait
     * @return false if it was not set by then
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public boolean awaitBlockingFor(Duration timeout) throws InterruptedException {
        return awaitBlocking(WaitQueue.nanos(timeout));
    }

    private boolean awaitBlocking(long nanos) throws InterruptedException {
        var _ = AWAIT.callingThread();
        mutex.lock();
        if (set) {
            mutex.unlock();
            return true;
        }
        return line.block(AWAIT, nanos) != null;
    }

    /** Sets the event: all that wait continue. */
    public void set() {
        mutex.lock();
        try {
            set = true;
            line.grantAll(null);
        } finally {
            mutex.unlock();
        }
    }

    /** Clears the event: those that come from now on wait for the next {@link #set}. */
    public void clear() {
        mutex.lock();
        try {
            set = false;
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Returns whether the event is set.
     *
     * @return true after {@link #set}, until {@link #clear}
     */
    public boolean isSet() {
        return set;
    }

    @Override
    public String toString() {
        return "Event[" + (set ? "set" : "not set") + "]";
    }
}
