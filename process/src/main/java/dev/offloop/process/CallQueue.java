package dev.offloop.process;

import dev.offloop.Async;
import dev.offloop.EventLoop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

    /** For how many of them there is room, who were woken for it and have not run yet. */
    private int promised;

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
        wakeSubmitter(); // there may be room for several at once
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

    /** Whether a submitter may add a call. Room that somebody was woken for is kept for it. */
    boolean hasRoomFor(boolean waited) {
        return isRoom() && (waited || submitters.isEmpty());
    }

    private boolean isRoom() {
        if (calls.size() + promised >= bound && cancelled > 0) {
            dropCancelled();
        }
        return calls.size() + promised < bound;
    }

    /**
     * Leaves the lock until there may be room, or the pool is shut down: a thread waits, a task awaits.
     *
     * @param again whether it has waited before, and so comes first
     * @param until how long a thread waits at most, on the clock of {@code System.nanoTime()}
     * @throws RejectedExecutionException for a thread that is interrupted, or late, which its cause tells; and for a callback of
     *     a loop, which cannot wait
     */
    void awaitRoom(boolean again, long until) {
        var turn = new CompletableFuture<@Nullable Void>();
        if (again) {
            submitters.addFirst(turn);
        } else {
            submitters.addLast(turn);
        }
        boolean inVain = true;
        lock.unlock();
        try {
            await(turn, until);
            inVain = false;
        } finally {
            lock.lock();
            if (!submitters.removeIf(other -> other == turn)) {
                promised--;
                if (inVain) {
                    wakeSubmitter(); // another may have the turn that this one does not take
                }
            }
        }
    }

    private static void await(CompletableFuture<@Nullable Void> turn, long until) {
        try {
            if (EventLoop.isOnLoop()) {
                Async.await(turn);
            } else if (until == Long.MAX_VALUE) {
                turn.get();
            } else {
                turn.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("Interrupted while waiting for room in the pool's queue", e);
        } catch (TimeoutException e) {
            throw new RejectedExecutionException("There was no room in the pool's queue in time", e);
        } catch (Exception e) {
            throw new RejectedExecutionException(
                    "The pool's queue is full, and this cannot wait for room: " + e.getMessage(), e);
        }
    }

    private void wakeSubmitter() {
        if (!submitters.isEmpty() && isRoom()) {
            wakeFirst();
        }
    }

    private void wakeFirst() {
        promised++;
        submitters.removeFirst().complete(null); // a task's dependent only puts it on its loop's list
    }

    /** There is no more queue to wait for: they look and find that out. */
    void wakeSubmitters() {
        while (!submitters.isEmpty()) {
            wakeFirst();
        }
    }
}
