package dev.offloop.process;

import dev.offloop.Async;
import dev.offloop.EventLoop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait for a worker, in a {@link CallLine}, also those that have come back.
 *
 * <p>A cancelled call stays until it comes to the head, unless there are many of them. Those that come back are taken however
 * many there are; the bound is for submitters.
 *
 * <p>Guarded by the dispatcher's lock.
 */
final class CallQueue {

    /** From so many cancelled calls on it is worth looking for them. */
    private static final int MANY_CANCELLED = 1000;

    private final CallLine calls = new CallLine();
    private final int bound;
    private final Lock lock;

    /** Those who wait for room, in their order. */
    private final ArrayDeque<CompletableFuture<@Nullable Void>> submitters = new ArrayDeque<>();

    private int cancelled;

    CallQueue(int bound, Lock lock) {
        this.bound = bound;
        this.lock = lock;
    }

    boolean isEmpty() {
        return calls.size() == 0;
    }

    int size() {
        return calls.size();
    }

    /** How many of them are not cancelled. */
    int waiting() {
        return (int) calls.all().stream().filter(call -> !call.isDone()).count();
    }

    void add(Call<?> call) {
        calls.add(call);
        if (calls.size() < bound) {
            wakeSubmitter(); // there may be room for several at once
        }
    }

    /** True if there was any. */
    boolean addAll(List<Call<?>> some) {
        for (int i = some.size() - 1; i >= 0; i--) {
            calls.add(some.get(i)); // the last first, so that each goes to the head
        }
        return !some.isEmpty();
    }

    /** Takes the first that is not cancelled; null if there is none. */
    @Nullable
    Call<?> poll() {
        Call<?> call = calls.poll();
        while (call != null && call.isDone()) {
            call = calls.poll();
        }
        wakeSubmitter();
        return call;
    }

    /** Takes all that are not cancelled. */
    List<Call<?>> clear() {
        List<Call<?>> all = calls.all();
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
        wakeSubmitter();
    }

    private void dropCancelled() {
        calls.removeDone();
        cancelled = 0;
    }

    // ---- the bound

    /** Whether a submitter may add a call; those who have waited go before those who come. */
    boolean hasRoomFor(boolean waited) {
        if (calls.size() >= bound) {
            dropCancelled();
        }
        return calls.size() < bound && (waited || submitters.isEmpty());
    }

    /**
     * Leaves the lock until there may be room, or the pool is shut down: a thread waits, a task awaits.
     *
     * @param again whether it has waited before, and so comes first
     * @throws RejectedExecutionException for a thread that is interrupted, and for a callback of a loop, which cannot wait
     */
    void awaitRoom(boolean again) {
        var turn = new CompletableFuture<@Nullable Void>();
        if (again) {
            submitters.addFirst(turn);
        } else {
            submitters.addLast(turn);
        }
        boolean inVain = true;
        lock.unlock();
        try {
            await(turn);
            inVain = false;
        } finally {
            lock.lock();
            if (inVain && !submitters.removeIf(other -> other == turn)) {
                wakeSubmitter(); // another may have the turn that this one does not take
            }
        }
    }

    private static void await(CompletableFuture<@Nullable Void> turn) {
        try {
            if (EventLoop.isOnLoop()) {
                Async.await(turn);
            } else {
                turn.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("Interrupted while waiting for room in the pool's queue", e);
        } catch (Exception e) {
            throw new RejectedExecutionException(
                    "The pool's queue is full, and this cannot wait for room: " + e.getMessage(), e);
        }
    }

    private void wakeSubmitter() {
        CompletableFuture<@Nullable Void> first = submitters.pollFirst();
        if (first != null) {
            first.complete(null); // its dependent, if it has one, only puts a task on its loop's list
        }
    }

    void wakeSubmitters() {
        while (!submitters.isEmpty()) {
            wakeSubmitter();
        }
    }
}
