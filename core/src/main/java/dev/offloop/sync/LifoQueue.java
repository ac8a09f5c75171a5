package dev.offloop.sync;

/**
 * A {@link Queue} whose last item is the first to be taken: a stack. Counterpart of {@code asyncio.LifoQueue}.
 *
 * @param <T> the type of the items
 */
public final class LifoQueue<T> extends Queue<T> {

    /** A stack without a bound. */
    public LifoQueue() {
        this(0);
    }

    /** A stack of so many items at most; 0 for any number. */
    public LifoQueue(int maxSize) {
        super(maxSize, Items.lifo());
    }
}
