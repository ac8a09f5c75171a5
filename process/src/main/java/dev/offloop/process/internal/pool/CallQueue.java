package dev.offloop.process.internal.pool;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait for a worker, those that were taken back from one among them, and the submitters that wait for
 * room.
 *
 * <p>A cancelled call stays until it comes to the head, unless there are many of them. Calls that come back are taken
 * however many there are; the bound is for submitters.
 *
 * <p><b>A submitter's turn</b> is completed when there is room for it. The room is kept for it until it comes back with
 * the turn, whether it then adds a call or gives up.
 *
 * <p>Guarded by the pool's lock.
 */
final class CallQueue {

    /** With more cancelled calls than this, it is worth looking for them. */
    private static final int MANY_CANCELLED = 1000;

    private final CallsByPriority calls = new CallsByPriority();
    private final int bound;

    /** The submitters that wait for room, in order of arrival. */
    private final ArrayDeque<Turn> submitters = new ArrayDeque<>();

    /** How many turns were completed and have not come back. */
    private int promised;

    private int cancelled;

    /** A submitter's place in line for room. */
    static final class Turn extends CompletableFuture<@Nullable Void> {}

    CallQueue(int bound) {
        this.bound = bound;
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

    /** All that wait and are not cancelled, in their order. */
    List<Call<?>> snapshot() {
        List<Call<?>> all = calls.all();
        all.removeIf(Call::isDone);
        return all;
    }

    /** Adds a call, unless it has ended: it would take room, and its end is not announced any more. */
    void add(Call<?> call, Effects effects) {
        if (!call.isDone()) {
            calls.add(call);
        }
        wakeSubmitter(effects); // there may be room for several at once
    }

    /** Adds calls that come back. */
    void addAll(List<Call<?>> some) {
        for (int i = some.size() - 1; i >= 0; i--) { // the last first, so that each goes to the head
            Call<?> call = some.get(i);
            if (!call.isDone()) {
                calls.add(call);
            }
        }
    }

    /** Takes the first that is not cancelled; null if there is none. */
    @Nullable
    Call<?> poll(Effects effects) {
        Call<?> call = calls.poll();
        while (call != null && call.isDone()) {
            call = calls.poll();
        }
        wakeSubmitter(effects);
        return call;
    }

    /** Takes all that are not cancelled. */
    List<Call<?>> clear(Effects effects) {
        List<Call<?>> all = snapshot();
        calls.clear();
        cancelled = 0;
        wakeSubmitters(effects);
        return all;
    }

    /** One of them was cancelled. */
    void cancelledOne(Effects effects) {
        if (++cancelled > Math.max(MANY_CANCELLED, calls.size() / 2)) {
            dropCancelled();
        }
        wakeSubmitter(effects);
    }

    private void dropCancelled() {
        calls.removeDone();
        cancelled = 0;
    }

    // ---- the bound

    /** Whether a submitter may add a call. Room that is kept for another is none. */
    boolean hasRoomFor(boolean waited) {
        return isRoom() && (waited || submitters.isEmpty());
    }

    private boolean isRoom() {
        if (calls.size() + promised >= bound && cancelled > 0) {
            dropCancelled();
        }
        return calls.size() + promised < bound;
    }

    /** Puts a submitter in line: one that has waited before at its head. */
    Turn waitForRoom(boolean again) {
        var turn = new Turn();
        if (again) {
            submitters.addFirst(turn);
        } else {
            submitters.addLast(turn);
        }
        return turn;
    }

    /** A submitter comes back with its turn, and takes the room that was kept for it or tries again. */
    void comeBack(Turn turn) {
        if (!submitters.remove(turn)) {
            promised--;
        }
    }

    /** A submitter gives up: another one may have the room that was kept for it. */
    void giveUp(Turn turn, Effects effects) {
        comeBack(turn);
        wakeSubmitter(effects);
    }

    /** Lets the first submitter come back if there is room for it. */
    void wakeSubmitter(Effects effects) {
        if (!submitters.isEmpty() && isRoom()) {
            wakeFirst(effects);
        }
    }

    private void wakeFirst(Effects effects) {
        promised++;
        Turn first = submitters.removeFirst();
        effects.complete(() -> first.complete(null));
    }

    /** There will be no room any more: all submitters come back and find that out. */
    void wakeSubmitters(Effects effects) {
        while (!submitters.isEmpty()) {
            wakeFirst(effects);
        }
    }
}
