package dev.offloop.sync;

/**
 * Takes the last item of a {@link Queue} first, as a stack. Counterpart of {@code asyncio.LifoQueue}.
 *
 * @param <T> the type of the items
 */
public final class LifoQueue<T> extends Queue<T> {

    /** Creates a stack without a bound. */
    public LifoQueue() {
        this(0);
    }

    /**
     * Creates a stack with a bound.
     *
     * @param maxSize the largest number of items; 0 for no bound
     * @throws IllegalArgumentException if {@code maxSize} is negative
     */
    public LifoQueue(int maxSize) {
        super(maxSize, Items.lifo());
    }
}
