package dev.offloop.sync;

import java.util.Comparator;

/**
 * A {@link Queue} whose smallest item is the first to be taken; of equal ones that which was put first. Counterpart of
 * {@code asyncio.PriorityQueue}.
 *
 * @param <T> the type of the items
 */
public final class PriorityQueue<T> extends Queue<T> {

    /** A queue of so many items at most, 0 for any number, in the order of a comparator. */
    public PriorityQueue(int maxSize, Comparator<? super T> order) {
        super(maxSize, Items.byOrder(order));
    }

    /** A queue without a bound, in the order of a comparator. */
    public PriorityQueue(Comparator<? super T> order) {
        this(0, order);
    }

    /** A queue without a bound, in the items' own order; what has none is refused when it is put. */
    public PriorityQueue() {
        this(0);
    }

    /** A queue of so many items at most, 0 for any number, in the items' own order. */
    public PriorityQueue(int maxSize) {
        this(maxSize, PriorityQueue::compareNaturally);
    }

    @SuppressWarnings("unchecked") // as java.util.PriorityQueue: what cannot be compared is refused
    private static <T> int compareNaturally(T one, T other) {
        if (one instanceof Comparable<?> comparable) {
            return ((Comparable<? super T>) comparable).compareTo(other);
        }
        throw new ClassCastException("An item of " + one.getClass() + " has no order: make it Comparable, or give the"
                + " PriorityQueue a Comparator");
    }
}
