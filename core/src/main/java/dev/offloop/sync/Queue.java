package dev.offloop.sync;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Passes items from tasks, of one loop or several, and threads to tasks and threads: a thread calls
 * {@code putBlocking}, a task {@code get}.
 *
 * <ul>
 *   <li>Items, and those that wait, are served in order of arrival; {@link PriorityQueue} and {@link LifoQueue} have
 *       other orders of items.
 *   <li>With a bound, {@link #put} waits for room.
 *   <li>No item is lost or doubled by a waiter that is cancelled, interrupted or times out: a {@code get} that ends so
 *       has taken nothing, a {@code put} has put nothing.
 *   <li>{@link #join} waits until {@link #taskDone} was called for each item that was put.
 *   <li>After {@link #shutdown()} nothing can be put, and what is there can still be taken; then both throw
 *       {@link QueueShutdownException}. Consumers in one task group should catch that and return: if one fails with it,
 *       the group cancels the others, and what they were working on is lost.
 *   <li>An item is never null.
 *   <li>A function on a thread that still waits for an item when its {@code run} ends is interrupted then, unless it
 *       was offloaded with another {@link dev.offloop.OnCancel} than {@code INTERRUPT}: shut the queue down to end it
 *       in good order.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Queue} and {@code queue.Queue}.
 *
 * <h2>How it works</h2>
 *
 * <p>Everything is done under one mutex, for a few steps. While a getter waits there is no item: a putter gives its
 * item to the first getter. While a putter waits there is no room: a getter that takes an item gives the room to the
 * first putter, as a reservation, and that puts its item when it runs, if it has not been cancelled meanwhile.
 *
 * @param <T> the type of the items
 */
public sealed class Queue<T> permits PriorityQueue, LifoQueue {

    // The file has more than 500 lines because of its Javadoc; the methods are short, and users look for them here.

    private static final Waiter.Operation PUT = new Waiter.Operation("Queue.put(…)", "Queue.putBlocking(…)");
    private static final Waiter.Operation GET = new Waiter.Operation("Queue.get()", "Queue.getBlocking()");
    private static final Waiter.Operation JOIN = new Waiter.Operation("Queue.join()", "Queue.joinBlocking()");

    private final ReentrantLock mutex = new ReentrantLock();

    /** Receive an item, or null when there will be none any more. */
    private final WaitQueue<@Nullable T> getters = new WaitQueue<>(mutex);

    /** Receive room, and find out under the mutex whether the queue was shut down. */
    private final WaitQueue<@Nullable Void> putters = new WaitQueue<>(mutex);

    private final Event allDone = new Event();
    private final Items<T> items;
    private final int maxSize;
    private int reserved;
    private long unfinished;
    private boolean shutdown;
    private boolean dropping;

    /** Creates a queue without a bound. */
    public Queue() {
        this(0);
    }

    /**
     * Creates a queue with a bound.
     *
     * @param maxSize the largest number of items; 0 for no bound
     * @throws IllegalArgumentException if {@code maxSize} is negative
     */
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
     * Puts an item into the queue, and awaits room while there is none.
     *
     * @param item the item, not null
     * @throws QueueShutdownException if the queue was shut down, before or meanwhile
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile; then it has put nothing
     * @throws IllegalStateException if called outside of a task
     */
    public void put(T item) {
        PUT.callingTask();
        if (!putOrStay(item)) {
            var _ = putters.await(PUT, _ -> takeRoomBack());
            putReserved(item);
        }
    }

    /**
     * Takes the first item, and awaits one while there is none.
     *
     * @return the item
     * @throws QueueShutdownException if the queue was shut down and is empty
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile; then it has taken nothing
     * @throws IllegalStateException if called outside of a task
     */
    public T get() {
        GET.callingTask();
        T item = pollOrStay();
        return item != null ? item : given(getters.await(GET, this::putBack));
    }

    /**
     * Waits until all items that were put are {@linkplain #taskDone done}.
     *
     * @throws dev.offloop.CancelledError if the task is cancelled meanwhile
     * @throws IllegalStateException if called outside of a task
     */
    public void join() {
        JOIN.callingTask();
        allDone.await();
    }

    // ---- threads

    /**
     * Puts an item into the queue, and blocks the thread while there is no room.
     *
     * @param item the item, not null
     * @throws QueueShutdownException if the queue was shut down, before or meanwhile
     * @throws InterruptedException if the thread is interrupted meanwhile; then it has put nothing
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void putBlocking(T item) throws InterruptedException {
        boolean _ = putBlocking(item, WaitQueue.FOR_EVER);
    }

    /**
     * Puts an item into the queue, and blocks the thread for a time while there is no room.
     *
     * @param item the item, not null
     * @param timeout the longest time to wait; zero or less does not wait
     * @return false if there was no room by then; the item was not put
     * @throws QueueShutdownException if the queue was shut down, before or meanwhile
     * @throws InterruptedException if the thread is interrupted meanwhile; then it has put nothing
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
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
     * Takes the first item, and blocks the thread while there is none.
     *
     * @return the item
     * @throws QueueShutdownException if the queue was shut down and is empty
     * @throws InterruptedException if the thread is interrupted meanwhile; then it has taken nothing
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public T getBlocking() throws InterruptedException {
        return Objects.requireNonNull(getBlocking(WaitQueue.FOR_EVER));
    }

    /**
     * Takes the first item, and blocks the thread for a time while there is none.
     *
     * @param timeout the longest time to wait; zero or less does not wait
     * @return the item; null if there was none by then
     * @throws QueueShutdownException if the queue was shut down and is empty
     * @throws InterruptedException if the thread is interrupted meanwhile; then it has taken nothing
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
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
     * Blocks the thread until all items that were put are {@linkplain #taskDone done}.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public void joinBlocking() throws InterruptedException {
        var _ = JOIN.callingThread();
        allDone.awaitBlocking();
    }

    /**
     * Blocks the thread for a time until all items that were put are {@linkplain #taskDone done}.
     *
     * @param timeout the longest time to wait; zero or less does not wait
     * @return false if not all were done by then
     * @throws InterruptedException if the thread is interrupted meanwhile
     * @throws IllegalStateException on an event loop, which must not be blocked
     */
    public boolean joinBlockingFor(Duration timeout) throws InterruptedException {
        var _ = JOIN.callingThread();
        return allDone.awaitBlockingFor(timeout);
    }

    // ---- both

    /**
     * Puts an item into the queue if there is room.
     *
     * @param item the item, not null
     * @return false if there is no room; the item was not put
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
     * Takes the first item if there is one.
     *
     * @return the item; null if there is none
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
     * Counts an item that was taken as done. When all items are, those that {@link #join} continue.
     *
     * @throws IllegalStateException if called more often than items were put
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

    /**
     * Rejects further items; those that are there can still be taken. Every waiting {@code put} throws
     * {@link QueueShutdownException}, and so does a waiting {@code get}, since the queue is empty.
     */
    public void shutdown() {
        shutdown(false);
    }

    /**
     * Rejects further items, as {@link #shutdown()}.
     *
     * @param immediate whether to drop the items that are there too, which then count as done
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

    /**
     * Returns the number of items.
     *
     * @return the number, zero or more
     */
    public int size() {
        mutex.lock();
        try {
            return items.size();
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Returns the bound.
     *
     * @return the largest number of items; 0 for no bound
     */
    public int maxSize() {
        return maxSize;
    }

    /**
     * Returns whether there is no item.
     *
     * @return true if {@link #size} is zero
     */
    public boolean isEmpty() {
        return size() == 0;
    }

    /**
     * Returns whether there is no room for one more item.
     *
     * @return always false for a queue without a bound
     */
    public boolean isFull() {
        return maxSize > 0 && size() >= maxSize;
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + size() + " items]";
    }

    // ---- putting

    /** Returns true if the item was put; else the mutex is still held. */
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

    /** Room that was given to a putter is kept for it. */
    private boolean hasRoom() {
        assert mutex.isHeldByCurrentThread();
        return maxSize == 0 || (putters.isEmpty() && items.size() + reserved < maxSize);
    }

    private void add(T item) {
        assert mutex.isHeldByCurrentThread();
        if (!getters.grant(item)) {
            items.add(item); // first of all: an item that cannot be compared is rejected here
        }
        if (unfinished++ == 0) {
            allDone.clear();
        }
    }

    /** Called by a putter that was given room, when it runs. */
    private void putReserved(T item) {
        mutex.lock();
        try {
            if (reserved > 0) {
                reserved--;
            }
            checkOpen();
            add(item);
        } finally {
            offerRoom(); // the item may have gone to a getter, or been rejected
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

    /** Returns null if there is no item; then the mutex is still held. */
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

    /** Gives room to the first putter that waits, if there is some. */
    private void offerRoom() {
        assert mutex.isHeldByCurrentThread();
        if (!shutdown && items.size() + reserved < maxSize && putters.grant(null)) {
            reserved++;
        }
    }

    /** Takes room back from a putter that was cancelled. */
    private void takeRoomBack() {
        assert mutex.isHeldByCurrentThread();
        if (reserved > 0) {
            reserved--;
        }
        offerRoom();
    }

    /** Takes an item back from a getter that was cancelled, as if it had never left. */
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

    /** After a shutdown, a cancelled getter may have put its item back. */
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
