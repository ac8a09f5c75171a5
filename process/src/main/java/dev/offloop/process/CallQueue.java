package dev.offloop.process;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait for a worker: the highest priority first, then in the order of submission, also for one that has come
 * back.
 *
 * <p>A cancelled call stays until it comes to the head, unless there are many of them. Those that come back are taken however
 * many there are; the bound is for submitters.
 *
 * <p>Guarded by the dispatcher's lock.
 */
final class CallQueue {

    private static final Comparator<Call<?>> FIRST = Comparator.<Call<?>>comparingInt(call -> call.options.priority())
            .reversed()
            .thenComparingLong(call -> call.id);

    /** From so many cancelled calls on it is worth looking for them. */
    private static final int MANY_CANCELLED = 1000;

    private final PriorityQueue<Call<?>> calls = new PriorityQueue<>(FIRST);
    private final int bound;
    private final Condition room;
    private int cancelled;

    CallQueue(int bound, Lock lock) {
        this.bound = bound;
        this.room = lock.newCondition();
    }

    boolean isEmpty() {
        return calls.isEmpty();
    }

    int size() {
        return calls.size();
    }

    /** How many of them are not cancelled. */
    int waiting() {
        return (int) calls.stream().filter(call -> !call.isDone()).count();
    }

    void add(Call<?> call) {
        calls.add(call);
    }

    /** True if there was any. */
    boolean addAll(Collection<? extends Call<?>> some) {
        return calls.addAll(some);
    }

    /** Takes the first that is not cancelled; null if there is none. */
    @Nullable
    Call<?> poll() {
        Call<?> call = calls.poll();
        while (call != null && call.isDone()) {
            call = calls.poll();
        }
        room.signal();
        return call;
    }

    /** Takes all that are not cancelled. */
    List<Call<?>> clear() {
        List<Call<?>> all = new ArrayList<>(calls);
        all.removeIf(Call::isDone);
        calls.clear();
        wakeSubmitters();
        return all;
    }

    /** One of them was cancelled. */
    void cancelledOne() {
        if (++cancelled > Math.max(MANY_CANCELLED, calls.size() / 2)) {
            dropCancelled();
        }
        room.signal();
    }

    private void dropCancelled() {
        calls.removeIf(Call::isDone);
        cancelled = 0;
    }

    // ---- the bound

    /** Whether a submitter may not add one. */
    boolean isFull() {
        if (calls.size() >= bound) {
            dropCancelled();
        }
        return calls.size() >= bound;
    }

    /** Leaves the lock and waits until there may be room, or the pool is shut down. */
    @SuppressWarnings("WaitNotInLoop") // the caller looks again, at the idle workers too
    void awaitRoom() {
        try {
            room.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("Interrupted while waiting for room in the pool's queue", e);
        }
    }

    void wakeSubmitters() {
        room.signalAll();
    }
}
