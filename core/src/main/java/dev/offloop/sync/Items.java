package dev.offloop.sync;

import java.util.ArrayDeque;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** The items of a queue, in the order in which they leave it. Guarded by the queue's mutex. */
interface Items<T> {

    void add(T item);

    /** Puts one back that was the first just now. */
    void putBack(T item);

    @Nullable
    T poll();

    int size();

    void clear();

    /** First come, first served. */
    static <T> Items<T> fifo() {
        return new Deque<>(false);
    }

    /** The last that came is the first. */
    static <T> Items<T> lifo() {
        return new Deque<>(true);
    }

    /** The smallest is the first; of equal ones that which came first. */
    static <T> Items<T> byOrder(Comparator<? super T> order) {
        return new Heap<>(order);
    }

    /** A stack or a line. */
    final class Deque<T> implements Items<T> {
        private final ArrayDeque<T> items = new ArrayDeque<>();
        private final boolean stack;

        Deque(boolean stack) {
            this.stack = stack;
        }

        @Override
        public void add(T item) {
            if (stack) {
                items.addFirst(item);
            } else {
                items.addLast(item);
            }
        }

        @Override
        public void putBack(T item) {
            items.addFirst(item);
        }

        @Override
        public @Nullable T poll() {
            return items.pollFirst();
        }

        @Override
        public int size() {
            return items.size();
        }

        @Override
        public void clear() {
            items.clear();
        }
    }

    /** A heap. */
    final class Heap<T> implements Items<T> {

        private record Numbered<T>(T item, long number) {}

        private final Comparator<? super T> order;
        private final java.util.PriorityQueue<Numbered<T>> items;
        private long added;
        private long putBack;

        Heap(Comparator<? super T> order) {
            this.order = order;
            this.items = new java.util.PriorityQueue<>((one, other) -> {
                int byOrder = order.compare(one.item, other.item);
                return byOrder != 0 ? byOrder : Long.compare(one.number, other.number);
            });
        }

        @Override
        public void add(T item) {
            if (items.isEmpty()) {
                int _ = order.compare(item, item); // so that one without an order does not slip in
            }
            items.add(new Numbered<>(item, ++added));
        }

        @Override
        public void putBack(T item) {
            items.add(new Numbered<>(item, --putBack));
        }

        @Override
        public @Nullable T poll() {
            Numbered<T> first = items.poll();
            return first == null ? null : first.item;
        }

        @Override
        public int size() {
            return items.size();
        }

        @Override
        public void clear() {
            items.clear();
        }
    }
}
