package dev.offloop.sync;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A line of items from tasks, of one loop or several, and threads to tasks and threads: a thread {@code putBlocking}s,
 * a task {@code get}s.
 *
 * <ul>
 *   <li>First come, first served, for items and for those who wait; {@link PriorityQueue} and {@link LifoQueue} have
 *       other orders of items.
 *   <li>With a bound, {@link #put} waits for room.
 *   <li>No item is lost or doubled by a waiter that is cancelled, interrupted or late: a {@code get} that ends so has
 *       taken nothing, a {@code put} has put nothing.
 *   <li>{@link #join} waits until each item that was put has been answered by a {@link #taskDone}.
 *   <li>After {@link #shutdown()} nothing more can be put, and what is there can be taken; then
 *       {@link QueueShutdownException}.
 *   <li>No item is null.
 *   <li>A function on a thread that still waits for an item when its {@code run} ends is interrupted then, unless it
 *       was offloaded with another {@link dev.offloop.OnCancel} than {@code INTERRUPT}: shut the queue down to end it
 *       in good order.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Queue} and {@code queue.Queue}.
 *
 * <h2>How it works</h2>
 *
 * <p>All is done under one mutex, for a few steps. While somebody waits to get, there is no item: who puts one gives it
 * to the first of them. While somebody waits to put, there is no room: who takes an item gives the first of them the
 * room, as a reservation, and it puts the item when it runs, if it has not been cancelled meanwhile.
 *
 * @param <T> the type of the items
 */
public sealed class Queue<T> permits PriorityQueue, LifoQueue {

    private static final Waiter.Operation PUT = new Waiter.Operation("Queue.put(…)", "Queue.putBlocking(…)");
    private static final Waiter.Operation GET = new Waiter.Operation("Queue.get()", "Queue.getBlocking()");
    private static final Waiter.Operation JOIN = new Waiter.Operation("Queue.join()", "Queue.joinBlocking()");

    private final ReentrantLock mutex = new ReentrantLock();

    /** Are given an item; null when there will be none any more. */
    private final WaitQueue<@Nullable T> getters = new WaitQueue<>(mutex);

    /** Are given room; the mutex tells them whether the queue was shut down. */
    private final WaitQueue<@Nullable Void> putters = new WaitQueue<>(mutex);

    private final Event allDone = new Event();
    private final Items<T> items;
    private final int maxSize;
    private int reserved;
    private long unfinished;
    private boolean shutdown;
    private boolean dropping;

    /** A queue without a bound. */
    public Queue() {
        this(0);
    }

    /** A queue of so many items at most; 0 for any number. */
    public Queue(int maxSize) {
        this(maxSize, Items.fifo());
    }

    Queue(int maxSize, Items<T> items) {
        if (maxSize < 0) {
            throw new IllegalArgumentException("A queue cannot be of " + maxSize + " items at most");
        }
        this.maxSize = maxSize;
        this.items = items;
        allDone.set();
    }

    // ---- tasks

    /**
     * Puts an item into the queue, and awaits room as long as there is none.
     *
     * @throws QueueShutdownException if the queue was shut down, before or meanwhile
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile; then it has put nothing
     * @throws IllegalStateException outside of a task
     */
    public void put(T item) {
        PUT.callingTask();
        if (!putOrStay(item)) {
            var _ = putters.await(PUT, _ -> refuseRoom());
            putReserved(item);
        }
    }

    /**
     * Takes the first item, and awaits one as long as there is none.
     *
     * @throws QueueShutdownException if the queue was shut down and is empty
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile; then it has taken nothing
     * @throws IllegalStateException outside of a task
     */
    public T get() {
        GET.callingTask();
        T item = pollOrStay();
        return item != null ? item : given(getters.await(GET, this::putBack));
    }

    /**
     * Lets the calling task wait until all that was put is {@linkplain #taskDone done}.
     *
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile
     * @throws IllegalStateException outside of a task
     */
    public void join() {
        JOIN.callingTask();
        allDone.await();
    }

    // ---- threads

    /**
     * Puts an item into the queue, and blocks the thread as long as there is no room.
     *
     * @throws QueueShutdownException if the queue was shut down, before or meanwhile
     * @throws InterruptedException if the thread is interrupted meanwhile; then it has put nothing
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void putBlocking(T item) throws InterruptedException {
        boolean _ = putBlocking(item, WaitQueue.FOR_EVER);
    }

    /** {@link #putBlocking(Object)} for a time. False if there was no room by then; then it has put nothing. */
    public boolean putBlockingFor(T item, Duration timeout) throws InterruptedException {
        return putBlocking(item, WaitQueue.nanos(timeout));
    }

    private boolean putBlocking(T item, long nanos) throws InterruptedException {
        var _ = PUT.callingThread();
        if (putOrStay(item)) {
            return true;
        }
        if (putters.block(PUT, nanos) == null) {
            return false;
        }
        putReserved(item);
        return true;
    }

    /**
     * Takes the first item, and blocks the thread as long as there is none.
     *
     * @throws QueueShutdownException if the queue was shut down and is empty
     * @throws InterruptedException if the thread is interrupted meanwhile; then it has taken nothing
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public T getBlocking() throws InterruptedException {
        return Objects.requireNonNull(getBlocking(WaitQueue.FOR_EVER));
    }

    /** {@link #getBlocking()} for a time. Null if there was no item by then. */
    public @Nullable T getBlockingFor(Duration timeout) throws InterruptedException {
        return getBlocking(WaitQueue.nanos(timeout));
    }

    private @Nullable T getBlocking(long nanos) throws InterruptedException {
        var _ = GET.callingThread();
        T item = pollOrStay();
        if (item != null) {
            return item;
        }
        Waiter<@Nullable T> waiter = getters.block(GET, nanos);
        return waiter == null ? null : given(waiter.value());
    }

    /**
     * Blocks the calling thread until all that was put is {@linkplain #taskDone done}.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void joinBlocking() throws InterruptedException {
        var _ = JOIN.callingThread();
        allDone.awaitBlocking();
    }

    /** {@link #joinBlocking()} for a time. False if not all was done by then. */
    public boolean joinBlockingFor(Duration timeout) throws InterruptedException {
        var _ = JOIN.callingThread();
        return allDone.awaitBlockingFor(timeout);
    }

    // ---- both

    /**
     * Puts an item into the queue if there is room.
     *
     * @throws QueueShutdownException if the queue was shut down
     */
    public boolean tryPut(T item) {
        Objects.requireNonNull(item, "item");
        mutex.lock();
        try {
            checkOpen();
            if (!hasRoom()) {
                return false;
            }
            add(item);
            return true;
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Takes the first item; null if there is none.
     *
     * @throws QueueShutdownException if the queue was shut down and is empty
     */
    public @Nullable T tryGet() {
        mutex.lock();
        try {
            T item = poll();
            if (item == null && shutdown) {
                throw empty();
            }
            return item;
        } finally {
            mutex.unlock();
        }
    }

    /**
     * An item that was taken has been dealt with. When this was said for all of them, those go on that {@link #join}.
     *
     * @throws IllegalStateException if it is said more often than items were put
     */
    public void taskDone() {
        mutex.lock();
        try {
            if (unfinished == 0) {
                throw new IllegalStateException("taskDone() was called more often than items were put");
            }
            finish(1);
        } finally {
            mutex.unlock();
        }
    }

    /** Takes no more items; those that are there can be taken. Who waits to put gets an error, and who waits to get. */
    public void shutdown() {
        shutdown(false);
    }

    /**
     * {@link #shutdown()}.
     *
     * @param immediate whether to drop what is there too; that counts as done
     */
    public void shutdown(boolean immediate) {
        mutex.lock();
        try {
            shutdown = true;
            if (immediate) {
                dropping = true;
                finish(items.size());
                items.clear();
            }
            putters.grantAll(null);
            getters.grantAll(null);
        } finally {
            mutex.unlock();
        }
    }

    /** How many items there are. */
    public int size() {
        mutex.lock();
        try {
            return items.size();
        } finally {
            mutex.unlock();
        }
    }

    /** How many there may be; 0 for any number. */
    public int maxSize() {
        return maxSize;
    }

    /** Whether there is no item. */
    public boolean isEmpty() {
        return size() == 0;
    }

    /** Whether there is no room for one more. */
    public boolean isFull() {
        return maxSize > 0 && size() >= maxSize;
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + size() + " items]";
    }

    // ---- putting

    /** True if it was put; else the mutex is held after it. */
    private boolean putOrStay(T item) {
        Objects.requireNonNull(item, "item");
        mutex.lock();
        boolean stay = false;
        try {
            checkOpen();
            if (!hasRoom()) {
                stay = true;
                return false;
            }
            add(item);
            return true;
        } finally {
            if (!stay) {
                mutex.unlock();
            }
        }
    }

    /** Room that was given to somebody is kept for it. */
    private boolean hasRoom() {
        assert mutex.isHeldByCurrentThread();
        return maxSize == 0 || (putters.isEmpty() && items.size() + reserved < maxSize);
    }

    private void add(T item) {
        assert mutex.isHeldByCurrentThread();
        if (!getters.grant(item)) {
            items.add(item); // before anything else has changed: what cannot be compared is refused here
        }
        if (unfinished++ == 0) {
            allDone.clear();
        }
    }

    /** By one who was given room, and runs now. */
    private void putReserved(T item) {
        mutex.lock();
        try {
            if (reserved > 0) {
                reserved--;
            }
            checkOpen();
            add(item);
        } finally {
            offerRoom(); // the item may have gone to somebody who waited for one, or been refused
            mutex.unlock();
        }
    }

    private void checkOpen() {
        assert mutex.isHeldByCurrentThread();
        if (shutdown) {
            throw new QueueShutdownException("The queue was shut down and takes no more items");
        }
    }

    // ---- getting

    /** Null if there is none; then the mutex is held after it. */
    private @Nullable T pollOrStay() {
        mutex.lock();
        T item = poll();
        if (item != null) {
            mutex.unlock();
        } else if (shutdown) {
            mutex.unlock();
            throw empty();
        }
        return item;
    }

    private @Nullable T poll() {
        assert mutex.isHeldByCurrentThread();
        T item = items.poll();
        if (item != null) {
            offerRoom();
        }
        return item;
    }

    /** Gives room to the first who waits for it, if there is some. */
    private void offerRoom() {
        assert mutex.isHeldByCurrentThread();
        if (!shutdown && items.size() + reserved < maxSize && putters.grant(null)) {
            reserved++;
        }
    }

    /** One who was given room does not want it. */
    private void refuseRoom() {
        assert mutex.isHeldByCurrentThread();
        if (reserved > 0) {
            reserved--;
        }
        offerRoom();
    }

    /** One who was given an item does not want it: then it is as if it had never left. */
    private void putBack(@Nullable T item) {
        assert mutex.isHeldByCurrentThread();
        if (item != null && dropping) {
            finish(1);
        } else if (item != null && !getters.grant(item)) {
            items.putBack(item);
        }
    }

    private T given(@Nullable T item) {
        T taken = item != null ? item : left();
        if (taken == null) {
            throw empty();
        }
        return taken;
    }

    /** After a shutdown: one who was given an item before it, and did not want it, may have put it back. */
    private @Nullable T left() {
        mutex.lock();
        try {
            return poll();
        } finally {
            mutex.unlock();
        }
    }

    private static QueueShutdownException empty() {
        return new QueueShutdownException("The queue was shut down and is empty");
    }

    private void finish(long count) {
        assert mutex.isHeldByCurrentThread();
        unfinished -= count;
        if (unfinished == 0) {
            allDone.set();
        }
    }
}
