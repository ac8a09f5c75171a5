package dev.offloop.sync;

import java.util.Comparator;

/**
 * Takes the smallest item of a {@link Queue} first; of equal ones that which was put first. Counterpart of
 * {@code asyncio.PriorityQueue}.
 *
 * @param <T> the type of the items
 */
public final class PriorityQueue<T> extends Queue<T> {

    /**
     * Creates a queue with a bound, in the order of a comparator.
     *
     * @param maxSize the largest number of items; 0 for no bound
     * @param order compares the items
     * @throws IllegalArgumentException if {@code maxSize} is negative
     */
    public PriorityQueue(int maxSize, Comparator<? super T> order) {
        super(maxSize, Items.byOrder(order));
    }

    /**
     * Creates a queue without a bound, in the order of a comparator.
     *
     * @param order compares the items
     */
    public PriorityQueue(Comparator<? super T> order) {
        this(0, order);
    }

    /**
     * Creates a queue without a bound, in the natural order of the items. To put an item that is not {@link Comparable}
     * throws {@link ClassCastException}.
     */
    public PriorityQueue() {
        this(0);
    }

    /**
     * Creates a queue with a bound, in the natural order of the items.
     *
     * @param maxSize the largest number of items; 0 for no bound
     * @throws IllegalArgumentException if {@code maxSize} is negative
     */
    public PriorityQueue(int maxSize) {
        this(maxSize, PriorityQueue::compareNaturally);
    }

    @SuppressWarnings("unchecked") // as java.util.PriorityQueue: what cannot be compared throws
    private static <T> int compareNaturally(T one, T other) {
        if (one instanceof Comparable<?> comparable) {
            return ((Comparable<? super T>) comparable).compareTo(other);
        }
        throw new ClassCastException("An item of " + one.getClass() + " has no order: make it Comparable, or give the"
                + " PriorityQueue a Comparator");
    }
}
