package dev.offloop.sync;

import dev.offloop.CancelledError;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets tasks, of one loop or several, and threads that hold a {@link Lock} release it and wait for a signal that what
 * they wait for may have come.
 *
 * <pre>{@code
 * lock.with(() -> {
 *     condition.awaitUntil(() -> !items.isEmpty());
 *     return items.removeFirst();
 * });
 * }</pre>
 *
 * <ul>
 *   <li>A waiter holds the lock again when it returns, also with an error: a cancelled task acquires it before it goes
 *       on.
 *   <li>A signal goes to the one that has waited longest. If that waiter is cancelled before {@code await} has
 *       returned, or cannot acquire the lock again, the signal goes to the next.
 *   <li>No waiter wakes up without a signal, but others may hold the lock between the signal and the return: so wait in
 *       a loop, or with {@link #awaitUntil}.
 * </ul>
 *
 * <p>The names are those of {@code java.util.concurrent}. Counterpart of {@code asyncio.Condition} and
 * {@code threading.Condition}.
 */
public final class Condition {

    private static final Waiter.Operation AWAIT =
            new Waiter.Operation("Condition.await()", "Condition.awaitBlocking()");

    private final Lock lock;
    private final ReentrantLock mutex = new ReentrantLock();
    private final WaitQueue<@Nullable Void> line = new WaitQueue<>(mutex);

    /**
     * Creates a condition of a lock.
     *
     * @param lock the lock that waiters hold
     */
    public Condition(Lock lock) {
        this.lock = lock;
    }

    /** Creates a condition of a lock of its own. */
    public Condition() {
        this(new Lock());
    }

    /**
     * Returns the lock that waiters hold.
     *
     * @return the lock
     */
    public Lock lock() {
        return lock;
    }

    // ---- tasks

    /**
     * Releases the lock, awaits a signal, and acquires the lock again.
     *
     * @throws CancelledError if the task is cancelled meanwhile; then it holds the lock again
     * @throws IllegalMonitorStateException if the task does not hold the lock
     * @throws IllegalStateException if called outside of a task, or if the lock cannot be acquired again, see
     *     {@link Lock#acquire}; then the task does not hold it
     */
    public void await() {
        AWAIT.callingTask();
        checkHeld("waits for");
        mutex.lock();
        lock.release(); // no signal comes before this waiter is in the queue: a signal takes the mutex
        boolean signalled = false;
        try {
            var _ = line.await(AWAIT, _ -> line.grant(null));
            signalled = true;
        } finally {
            acquireAgain(signalled);
        }
    }

    /** Acquires the lock however often the task is cancelled meanwhile, and throws that afterwards. */
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

    /**
     * Waits until something holds, which is tested with the lock held.
     *
     * @param something the test; it must not wait
     * @throws CancelledError if the task is cancelled meanwhile; then it holds the lock again
     * @throws IllegalMonitorStateException if the task does not hold the lock
     * @throws IllegalStateException if called outside of a task, or if the lock cannot be acquired again
     */
    public void awaitUntil(BooleanSupplier something) {
        checkHeld("waits for");
        while (!something.getAsBoolean()) {
            await();
        }
    }

    // ---- threads

    /**
     * Releases the lock, blocks the thread until a signal, and acquires the lock again.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile; then it holds the lock again
     * @throws IllegalMonitorStateException if the thread does not hold the lock
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void awaitBlocking() throws InterruptedException {
        boolean _ = awaitBlocking(WaitQueue.FOR_EVER);
    }

    /**
     * Releases the lock, blocks the thread for a time until a signal, and acquires the lock again.
     *
     * @param timeout the longest time to wait for the signal; zero or less does not wait
     * @return false if there was no signal by then; the thread holds the lock again
     * @throws InterruptedException if the thread is interrupted meanwhile; then it holds the lock again
     * @throws IllegalMonitorStateException if the thread does not hold the lock
     * @throws IllegalStateException on an event loop, which must not be blocked
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

    /**
     * Blocks the thread until something holds, which is tested with the lock held.
     *
     * @param something the test; it must not wait
     * @throws InterruptedException if the thread is interrupted meanwhile; then it holds the lock again
     * @throws IllegalMonitorStateException if the thread does not hold the lock
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void awaitUntilBlocking(BooleanSupplier something) throws InterruptedException {
        checkHeld("waits for");
        while (!something.getAsBoolean()) {
            awaitBlocking();
        }
    }

    // ---- both

    /**
     * Wakes up the one that has waited longest, if there is one; it continues when it has the lock.
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
     * Wakes up all that wait; they continue one after the other, each when it has the lock.
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
                    "A caller that " + does + " a condition has to hold its lock: acquire it before,"
                            + " and test what the condition is about while holding it");
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
