package dev.offloop.process.internal.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a worker was sent and has not answered, in their order: it runs the first; the others are there
 * already when it comes to them, which saves both sides a sleep and a wake-up for each.
 *
 * <p>How many may wait there depends on how long its calls take: all together as long as {@link #WORTH_NANOS}, which is
 * where a wake-up stops mattering. When the first takes longer than expected the others are {@linkplain #takeBack taken
 * back}: the status that both processes share decides between the worker that begins a call and the parent that wants
 * it again.
 *
 * <p>An answer may have arrived and not have been read yet: {@code answered} counts these.
 *
 * <p>Guarded by the pool's lock.
 */
final class Pipeline {

    /** A call that others wait behind is slow after this time: the others are taken back. */
    static final long SLOW_CALL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long WORTH_NANOS = 200_000;
    private static final int MAX_DEPTH = 64;

    /** With more calls than this, it takes longer to run them than the I/O thread sleeps. */
    private static final int DEEP = 6;

    /** Nothing is known of a worker's calls at first, and so they go one by one. */
    private static final long UNKNOWN = WORTH_NANOS;

    private final ArrayDeque<Call<?>> calls = new ArrayDeque<>();
    private long sent;
    private int answered;
    private long lastAnswered;

    /** The last call of which the worker has sent anything: it has begun that, whatever its status says. */
    private long lastSeen;

    private long meanNanos = UNKNOWN;
    private long headSince;

    /** The call that the worker runs, or is about to read, or whose answer is being read. */
    @Nullable
    Call<?> head() {
        return calls.peekFirst();
    }

    boolean isEmpty() {
        return calls.isEmpty();
    }

    int size() {
        return calls.size();
    }

    /** Whether it is better to let answers gather, since many calls wait. */
    boolean isDeep() {
        return calls.size() > DEEP;
    }

    /** Whether calls wait behind the first. */
    boolean hasWaiting() {
        return calls.size() > 1;
    }

    /** Whether all of them have ended. */
    boolean isUnwanted() {
        return calls.stream().allMatch(Call::isDone);
    }

    void add(Call<?> call, Worker worker, long now) {
        if (calls.isEmpty()) {
            headSince = now;
        }
        call.number = ++sent;
        call.worker = worker;
        calls.addLast(call);
    }

    /** Takes note of an answer that has arrived. Returns whether the worker may answer the call of this number now. */
    boolean isNextAnswer(long number) {
        if (answered == calls.size()) {
            return false;
        }
        Call<?> next = answered == 0
                ? calls.peekFirst()
                : calls.stream().skip(answered).findFirst().orElse(null);
        if (next == null || next.number != number) {
            return false;
        }
        answered++;
        lastAnswered = number;
        lastSeen = number;
        return true;
    }

    /** Takes note of something else that came from a call. Returns whether the worker runs it, as far as is known. */
    boolean isRunning(long number) {
        boolean running = number > lastAnswered && number <= sent && !calls.isEmpty();
        if (running) {
            lastSeen = Math.max(lastSeen, number);
        }
        return running;
    }

    /** Whether the worker has begun a call: its status says so, or it has sent something of it. */
    boolean hasBegun(Call<?> call, WorkerLink link) {
        return call.number <= lastSeen || call.number <= link.begun();
    }

    /**
     * Returns the number of the first call without an answer if the status says that the worker has begun the one after
     * it, else 0. Is not 0 for a moment while that answer is on its way; else the worker has written what is not so.
     */
    long contradiction(WorkerLink link) {
        Call<?> next = calls.stream().skip(answered).findFirst().orElse(null);
        return next != null && calls.size() > answered + 1 && link.begun() > next.number ? next.number : 0;
    }

    /** The answer to the first call was read. */
    void removeHead(long now) {
        calls.removeFirst().worker = null;
        answered--;
        meanNanos = (7 * meanNanos + (now - headSince)) / 8;
        headSince = now;
    }

    /** Takes a call out: one that was not even sent, or whose answer cannot be read. */
    void remove(Call<?> call) {
        if (calls.remove(call)) {
            call.worker = null;
            if (call.number <= lastAnswered) {
                answered--;
            }
        }
    }

    /** Forgets how long calls took: they go one by one again. */
    void forgetPace() {
        meanNanos = UNKNOWN;
    }

    /** How many more calls it is worth to send. */
    int room() {
        int depth = (int) Math.max(1, Math.min(MAX_DEPTH, WORTH_NANOS / Math.max(1, meanNanos)));
        return calls.size() > depth / 2 ? 0 : depth - calls.size(); // in batches
    }

    /** When the first has taken so long that those behind it are taken back. */
    long slowAt() {
        return headSince + SLOW_CALL_NANOS;
    }

    /** Since when the first is under way. */
    long headSince() {
        return headSince;
    }

    /** Takes back what the worker has not begun, and will not begin any more. */
    List<Call<?>> takeBack(WorkerLink link) {
        if (calls.size() == answered) {
            return List.of();
        }
        // What it has sent something of was begun, whatever a status says that the worker can write to.
        long begun = Math.max(link.takeBack(sent), lastSeen);
        List<Call<?>> back = new ArrayList<>();
        calls.removeIf(call -> {
            boolean notBegun = call.number > begun;
            if (notBegun) {
                call.worker = null;
                back.add(call);
            }
            return notBegun;
        });
        return back;
    }

    /** Takes all out: the worker has ended. */
    List<Call<?>> clear() {
        List<Call<?>> all = List.copyOf(calls);
        all.forEach(call -> call.worker = null);
        calls.clear();
        answered = 0;
        return all;
    }
}
