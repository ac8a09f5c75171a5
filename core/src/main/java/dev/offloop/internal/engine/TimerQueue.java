package dev.offloop.internal.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The timers of a loop in the order of their time, then of their creation: a binary heap whose entries know their own
 * place in it, so that a cancelled one is taken out at once instead of waiting there for its time.
 *
 * <p>Touched by the loop's side only.
 */
final class TimerQueue {

    private Timer[] heap = new Timer[16];
    private int size;
    private long created;

    /** A new timer for {@code when}, in nanoseconds on the loop's clock. */
    Timer add(Loop loop, long when, Runnable action) {
        Timer timer = new Timer(loop, when, created++, action);
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        siftUp(size++, timer);
        return timer;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** When the first timer is due, or {@link Long#MAX_VALUE}. */
    long nextTime() {
        return size == 0 ? Long.MAX_VALUE : heap[0].when;
    }

    /** Takes out the first timer if it is due. */
    @Nullable
    Timer pollDue(long now) {
        if (size == 0 || heap[0].when > now) {
            return null;
        }
        Timer first = heap[0];
        remove(first);
        return first;
    }

    /** Takes a timer out, if it is still here. */
    @SuppressWarnings({"NullAway", "DataFlowIssue"}) // the freed slot must not keep the timer reachable
    void remove(Timer timer) {
        int index = timer.index;
        if (index < 0) {
            return;
        }
        timer.index = -1;
        Timer last = heap[--size];
        heap[size] = null;
        if (last == timer) {
            return;
        }
        siftUp(index, last);
        if (last.index == index) {
            siftDown(index, last);
        }
        if (heap.length > 64 && size < heap.length / 4) {
            heap = Arrays.copyOf(heap, heap.length / 2);
        }
    }

    private void siftUp(int from, Timer timer) {
        int index = from;
        while (index > 0) {
            int parent = (index - 1) >>> 1;
            if (heap[parent].before(timer)) {
                break;
            }
            place(index, heap[parent]);
            index = parent;
        }
        place(index, timer);
    }

    private void siftDown(int from, Timer timer) {
        int index = from;
        while (true) {
            int child = 2 * index + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[child + 1].before(heap[child])) {
                child++;
            }
            if (timer.before(heap[child])) {
                break;
            }
            place(index, heap[child]);
            index = child;
        }
        place(index, timer);
    }

    private void place(int index, Timer timer) {
        heap[index] = timer;
        timer.index = index;
    }
}
