package dev.offloop.sync;

import dev.offloop.Task;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets one task, of one loop or several, or one thread at a time do something.
 *
 * <pre>{@code
 * lock.with(() -> {                     // a task awaits its turn
 *     int before = await(read());
 *     await(write(before + 1));
 * });
 * lock.withBlocking(() -> audit());     // a thread, such as one of an offloaded function, blocks
 * }</pre>
 *
 * <ul>
 *   <li>Fair: it is granted in order of arrival, to tasks and threads alike.
 *   <li>A waiter that is cancelled, interrupted or times out never has the lock, and never keeps the next one from it.
 *   <li>Only the task or thread that acquired it may release it. Not reentrant: a task that holds it across an await
 *       and is called again would see half of its own change. Acquiring it twice throws {@link IllegalStateException}.
 *   <li>A caller that comes after a task has ended without releasing it gets an {@link IllegalStateException}. Those
 *       that wait already go on waiting until they are cancelled: use {@link #with}, which always releases.
 *   <li>Tasks of one loop that wait for each other's locks in a circle get an {@link IllegalStateException} where the
 *       last of them would close it.
 *   <li>Between two awaits of one loop's tasks no lock is needed: nothing else runs.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Lock} and {@code threading.Lock}.
 *
 * <h2>How it works</h2>
 *
 * <p>{@code holder} is null, the party that holds the lock, or a {@link Contended} one that others wait for. Both ways
 * between the first two are one compare-and-set. Everything else happens under the mutex: a caller that has to wait
 * marks the holder as contended before it enters the queue, so that the holder cannot release without a look at the
 * queue; and the release hands over to the first in the queue, so that the lock is never free while another waits.
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

    /** The party that holds the lock, while others wait in the queue. */
    private record Contended(Object party) {}

    private final ReentrantLock mutex = new ReentrantLock();
    private final WaitQueue<@Nullable Void> line = new WaitQueue<>(mutex);
    private volatile @Nullable Object holder;

    /** Creates a lock that is free. */
    public Lock() {}

    // ---- tasks

    /**
     * Acquires the lock, and awaits it while another holds it.
     *
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile; then it does not have the lock
     * @throws IllegalStateException if the task holds it already, if it would wait in a circle of tasks that nothing
     *     can end, if it is held by a task that has ended, or if called outside of a task
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

    /**
     * Acquires the lock if it is free.
     *
     * @return false if it is held, also by the caller
     */
    public boolean tryAcquire() {
        return HOLDER.compareAndSet(this, null, caller());
    }

    /**
     * Releases the lock. The one that has waited longest has it then.
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
                    + name(party()) + ": only its holder may release it");
        }
        mutex.lock();
        try {
            handOver();
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Returns whether the lock is held.
     *
     * @return true if a task or a thread holds it
     */
    public boolean locked() {
        return holder != null;
    }

    /** Returns whether the calling task or thread holds the lock. */
    boolean isMine() {
        return party() == caller();
    }

    /** Returns the task that holds the lock; null if a thread does, or if it is free. */
    @Nullable
    Task<?> holdingTask() {
        return party() instanceof Task<?> task ? task : null;
    }

    private static String name(@Nullable Object party) {
        return switch (party) {
            case null -> "no task or thread";
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

    /** Returns true if the lock was free after all; else it is marked, and the mutex is held. */
    private boolean takeOrStay(Object me) {
        mutex.lock();
        while (true) {
            Object now = holder;
            if (now == null) {
                if (HOLDER.compareAndSet(this, null, me)) {
                    mutex.unlock();
                    return true;
                }
            } else if (party() instanceof Task<?> task
                    && task.done()
                    && party() == task) { // read again: it may have released it just before it ended
                mutex.unlock();
                throw new IllegalStateException("The lock is held by " + name(task)
                        + ", which has ended without releasing it: use with(…), which always releases it");
            } else if (now instanceof Contended || HOLDER.compareAndSet(this, now, new Contended(now))) {
                return false;
            }
        }
    }

    /** Called by the holder, under the mutex. */
    private void handOver() {
        assert mutex.isHeldByCurrentThread();
        for (Waiter<@Nullable Void> next = line.poll(); next != null; next = line.poll()) {
            holder = line.isEmpty() ? next.party() : new Contended(next.party()); // before the next one can see it
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
