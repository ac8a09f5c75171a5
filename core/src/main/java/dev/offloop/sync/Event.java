package dev.offloop.sync;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Something that has happened or not, for tasks, of one loop or several, and threads to wait for.
 *
 * <ul>
 *   <li>{@link #set} lets all go on that wait, and all that come later, until {@link #clear}. Those that waited go on
 *       also if it is cleared at once.
 *   <li>What was done before {@code set} is seen by who has waited for it.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Event} and {@code threading.Event}.
 */
public final class Event {

    private static final Waiter.Operation AWAIT = new Waiter.Operation("Event.await()", "Event.awaitBlocking()");

    private final ReentrantLock mutex = new ReentrantLock();
    private final WaitQueue<@Nullable Void> line = new WaitQueue<>(mutex);
    private volatile boolean set;

    /** An event that has not happened. */
    public Event() {}

    /**
     * Lets the calling task wait until it has happened. Returns at once if it has.
     *
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile
     * @throws IllegalStateException outside of a task
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
     * Blocks the calling thread until it has happened.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void awaitBlocking() throws InterruptedException {
        boolean _ = awaitBlocking(WaitQueue.FOR_EVER);
    }

    /** {@link #awaitBlocking()} for a time. False if it has not happened by then. */
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

    /** It has happened. */
    public void set() {
        mutex.lock();
        try {
            set = true;
            line.grantAll(null);
        } finally {
            mutex.unlock();
        }
    }

    /** It has not happened, from now on. */
    public void clear() {
        mutex.lock();
        try {
            set = false;
        } finally {
            mutex.unlock();
        }
    }

    /** Whether it has happened. */
    public boolean isSet() {
        return set;
    }

    @Override
    public String toString() {
        return "Event[" + (set ? "set" : "not set") + "]";
    }
}
