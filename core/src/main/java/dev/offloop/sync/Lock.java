package dev.offloop.sync;

import dev.offloop.Task;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Mutual exclusion among tasks, of one loop or several, and threads.
 *
 * <pre>{@code
 * lock.with(() -> {                     // a task awaits its turn
 *     int before = await(read());
 *     await(write(before + 1));
 * });
 * lock.withBlocking(() -> audit());     // a thread, an offloaded function for one, blocks
 * }</pre>
 *
 * <ul>
 *   <li>Fair: who comes first gets it first, task or thread.
 *   <li>A cancelled, interrupted or late waiter never has the lock, and never keeps the next one from it.
 *   <li>Held by the task or thread that acquired it, which alone may release it. Not reentrant: a task that holds it
 *       across an await and is called again would see half of its own change. Acquiring it twice is told by an error.
 *   <li>Who comes after a task that has ended without releasing it is told so, by an error.
 *   <li>Tasks of one loop that wait for each other's locks in a circle are told so, by an error where the last of them
 *       would close it.
 *   <li>Between two awaits of one loop's tasks no lock is needed: nothing else runs.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Lock} and {@code threading.Lock}.
 *
 * <h2>How it works</h2>
 *
 * <p>{@code holder} is null, the party that holds it, or a {@link Contended} one that has others waiting. Both ways
 * between the first two are one compare-and-set. Everything else happens under the mutex: who comes then marks the
 * holder as contended before it lines up, so that the holder cannot release without looking at the line; and who
 * releases hands over to the first in the line, so that the lock is never free while somebody waits.
 */
public final class Lock extends Scoped {

    private static final VarHandle HOLDER;

    static {
        try {
            HOLDER = MethodHandles.lookup().findVarHandle(Lock.class, "holder", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final Waiter.Operation ACQUIRE = new Waiter.Operation("Lock.acquire()", "Lock.acquireBlocking()");

    /** The party that holds the lock, with others in the line. */
    private record Contended(Object party) {}

    private final ReentrantLock mutex = new ReentrantLock();
    private final WaitQueue<@Nullable Void> line = new WaitQueue<>(mutex);
    private volatile @Nullable Object holder;

    /** A lock that nobody holds. */
    public Lock() {}

    // ---- tasks

    /**
     * Acquires the lock, and awaits it as long as somebody else holds it.
     *
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile; then it does not have the lock
     * @throws IllegalStateException if the task holds it already, if it would wait for ever in a circle of tasks, or
     *     outside of a task
     */
    @Override
    public void acquire() {
        Task<?> me = ACQUIRE.callingTask();
        if (HOLDER.compareAndSet(this, null, me)) {
            return;
        }
        checkNotHeldBy(me);
        Waiter<@Nullable Void> waiter = Waiter.ofTask(ACQUIRE, this::holdingTask);
        if (!takeOrStay(me)) {
            var _ = line.await(waiter, _ -> handOver());
        }
    }

    // ---- threads

    @Override
    boolean acquireBlocking(long nanos) throws InterruptedException {
        Thread me = ACQUIRE.callingThread();
        if (HOLDER.compareAndSet(this, null, me)) {
            return true;
        }
        checkNotHeldBy(me);
        return takeOrStay(me) || line.block(ACQUIRE, nanos) != null;
    }

    // ---- both

    /** Acquires the lock if nobody holds it. */
    public boolean tryAcquire() {
        return HOLDER.compareAndSet(this, null, caller());
    }

    /**
     * Releases the lock. The one who waits longest has it then.
     *
     * @throws IllegalMonitorStateException if the caller does not hold it
     */
    @Override
    public void release() {
        Object me = caller();
        if (HOLDER.compareAndSet(this, me, null)) {
            return;
        }
        if (party() != me) {
            throw new IllegalMonitorStateException("The lock is released by " + name(me) + ", and held by "
                    + name(party()) + ": who has acquired it has to release it");
        }
        mutex.lock();
        try {
            handOver();
        } finally {
            mutex.unlock();
        }
    }

    /** Whether somebody holds it. */
    public boolean locked() {
        return holder != null;
    }

    /** Whether the calling task or thread holds it. */
    boolean isMine() {
        return party() == caller();
    }

    /** The task that holds it; null if that is a thread, or nobody. */
    @Nullable
    Task<?> holdingTask() {
        return party() instanceof Task<?> task ? task : null;
    }

    private static String name(@Nullable Object party) {
        return switch (party) {
            case null -> "nobody";
            case Task<?> task -> "task " + task.name();
            case Thread thread -> "thread '" + thread.getName() + "'";
            default -> party.toString();
        };
    }

    private static Object caller() {
        Task<?> task = Task.current();
        return task != null ? task : Thread.currentThread();
    }

    private @Nullable Object party() {
        Object holder = this.holder;
        return holder instanceof Contended(Object party) ? party : holder;
    }

    private void checkNotHeldBy(Object me) {
        if (party() == me) {
            throw new IllegalStateException(name(me) + " holds this lock already, and would wait for itself: the lock"
                    + " is not reentrant. Split the method that acquires it from one that expects it to be held");
        }
    }

    /** True if the lock was free after all; else it is marked, and the mutex is held after it. */
    private boolean takeOrStay(Object me) {
        mutex.lock();
        while (true) {
            Object now = holder;
            if (now == null) {
                if (HOLDER.compareAndSet(this, null, me)) {
                    mutex.unlock();
                    return true;
                }
            } else if (party() instanceof Task<?> task && task.done() && party() == task) { // nor just before it ended
                mutex.unlock();
                throw new IllegalStateException("The lock is held by " + name(task)
                        + ", which has ended without releasing it: use with(…), which cannot forget to");
            } else if (now instanceof Contended || HOLDER.compareAndSet(this, now, new Contended(now))) {
                return false;
            }
        }
    }

    /** Under the mutex, by the holder. */
    private void handOver() {
        assert mutex.isHeldByCurrentThread();
        for (Waiter<@Nullable Void> next = line.poll(); next != null; next = line.poll()) {
            holder = line.isEmpty() ? next.party() : new Contended(next.party()); // before it can look
            if (next.grant(null)) {
                return;
            }
        }
        holder = null;
    }

    @Override
    public String toString() {
        Object party = party();
        return "Lock[" + (party == null ? "free" : "held by " + name(party)) + "]";
    }
}
