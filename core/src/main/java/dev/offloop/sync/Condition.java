package dev.offloop.sync;

import dev.offloop.CancelledError;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets tasks, of one loop or several, and threads that hold a {@link Lock} leave it and wait until another says that
 * what they wait for may have come.
 *
 * <pre>{@code
 * lock.with(() -> {
 *     condition.awaitUntil(() -> !items.isEmpty());
 *     return items.removeFirst();
 * });
 * }</pre>
 *
 * <ul>
 *   <li>Whoever comes back from waiting holds the lock again, also with an error: a cancelled task waits for it before
 *       it goes on.
 *   <li>A signal goes to the one who waits longest. If that waiter is cancelled before {@code await} has returned, or
 *       cannot acquire the lock again, the signal goes to the next.
 *   <li>There is no waking without a signal, but between the signal and the lock others may have had it: so wait in a
 *       loop, or by {@link #awaitUntil}.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Condition} and {@code threading.Condition}; the names are those of
 * {@code java.util.concurrent}.
 */
public final class Condition {

    private static final Waiter.Operation AWAIT =
            new Waiter.Operation("Condition.await()", "Condition.awaitBlocking()");

    private final Lock lock;
    private final ReentrantLock mutex = new ReentrantLock();
    private final WaitQueue<@Nullable Void> line = new WaitQueue<>(mutex);

    /** A condition of a lock. */
    public Condition(Lock lock) {
        this.lock = lock;
    }

    /** A condition of a lock of its own. */
    public Condition() {
        this(new Lock());
    }

    /** The lock that waiters hold. */
    public Lock lock() {
        return lock;
    }

    // ---- tasks

    /**
     * Leaves the lock, awaits a signal, and acquires the lock again.
     *
     * @throws CancelledError if the task is cancelled meanwhile; then it holds the lock again
     * @throws IllegalMonitorStateException if the task does not hold the lock
     * @throws IllegalStateException if the lock cannot be acquired again, see {@link Lock#acquire}; then the task does
     *     not hold it
     */
    public void await() {
        AWAIT.callingTask();
        checkHeld("waits for");
        mutex.lock();
        lock.release(); // nobody signals before this one is in the line: that takes the mutex
        boolean signalled = false;
        try {
            var _ = line.await(AWAIT, _ -> line.grant(null));
            signalled = true;
        } finally {
            acquireAgain(signalled);
        }
    }

    /** However often the task is cancelled meanwhile; that is raised then. The signal that it had goes to the next. */
    private void acquireAgain(boolean signalled) {
        try {
            acquireAgain();
        } catch (Throwable t) {
            if (signalled) {
                signalNext();
            }
            throw t;
        }
    }

    private void acquireAgain() {
        CancelledError cancelled = null;
        while (true) {
            try {
                lock.acquire();
                break;
            } catch (CancelledError e) {
                cancelled = e;
            }
        }
        if (cancelled != null) {
            throw cancelled;
        }
    }

    /** Waits until something holds, which is looked at with the lock held. */
    public void awaitUntil(BooleanSupplier something) {
        checkHeld("waits for");
        while (!something.getAsBoolean()) {
            await();
        }
    }

    // ---- threads

    /**
     * Leaves the lock, blocks the thread until a signal, and acquires the lock again.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile; then it holds the lock again
     * @throws IllegalMonitorStateException if the thread does not hold the lock
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void awaitBlocking() throws InterruptedException {
        boolean _ = awaitBlocking(WaitQueue.FOR_EVER);
    }

    /**
     * {@link #awaitBlocking()} for a time. False if there was no signal by then; it holds the lock again either way.
     */
    public boolean awaitBlockingFor(Duration timeout) throws InterruptedException {
        return awaitBlocking(WaitQueue.nanos(timeout));
    }

    private boolean awaitBlocking(long nanos) throws InterruptedException {
        var _ = AWAIT.callingThread();
        checkHeld("waits for");
        mutex.lock();
        lock.release();
        boolean signalled = false;
        try {
            signalled = line.block(AWAIT, nanos) != null;
            return signalled;
        } finally {
            acquireAgainBlocking(signalled);
        }
    }

    private void acquireAgainBlocking(boolean signalled) {
        try {
            acquireAgainBlocking();
        } catch (Throwable t) { // an interrupt is none: the thread goes on with its signal
            if (signalled) {
                signalNext();
            }
            throw t;
        }
    }

    private void acquireAgainBlocking() {
        boolean interrupted = false;
        while (true) {
            try {
                lock.acquireBlocking();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Blocks until something holds, which is looked at with the lock held. */
    public void awaitUntilBlocking(BooleanSupplier something) throws InterruptedException {
        checkHeld("waits for");
        while (!something.getAsBoolean()) {
            awaitBlocking();
        }
    }

    // ---- both

    /**
     * Lets the one who waits longest go on, if there is one, as soon as it gets the lock.
     *
     * @throws IllegalMonitorStateException if the caller does not hold the lock
     */
    public void signal() {
        checkHeld("signals");
        signalNext();
    }

    private void signalNext() {
        mutex.lock();
        try {
            boolean _ = line.grant(null);
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Lets all go on that wait, one after the other.
     *
     * @throws IllegalMonitorStateException if the caller does not hold the lock
     */
    public void signalAll() {
        checkHeld("signals");
        mutex.lock();
        try {
            line.grantAll(null);
        } finally {
            mutex.unlock();
        }
    }

    private void checkHeld(String does) {
        if (!lock.isMine()) {
            throw new IllegalMonitorStateException(
                    "Who " + does + " a condition has to hold its lock: acquire it before, and"
                            + " look at what the condition is about while holding it");
        }
    }

    @Override
    public String toString() {
        mutex.lock();
        try {
            return "Condition[" + line.size() + " waiting, " + lock + "]";
        } finally {
            mutex.unlock();
        }
    }
}
