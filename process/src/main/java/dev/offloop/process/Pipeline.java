package dev.offloop.process;

import dev.offloop.process.wire.WorkerNote;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a worker was sent and has not answered, in their order: it runs the first; the others are there already
 * when it comes to them, which saves both sides a sleep and a wake-up for each.
 *
 * <p>How many may wait there depends on how long its calls take: all together as long as {@link #WORTH_NANOS}, which is
 * where a wake-up stops mattering. When the first takes longer than expected the others are {@linkplain #takeBack taken
 * back}: the shared {@link WorkerNote} decides between the worker that begins a call and the parent that wants it again.
 *
 * <p>Guarded by the dispatcher's lock.
 */
final class Pipeline {

    private static final long WORTH_NANOS = 200_000;
    private static final int DEEPEST = 64;

    /** So many are short, and take longer than it takes to rest. */
    private static final int DEEP = 6;

    /** Nothing is known of a worker's calls at first, and so they go one by one. */
    private static final long UNKNOWN = WORTH_NANOS;

    private final ArrayDeque<Call<?>> calls = new ArrayDeque<>();
    private long sent;
    private long meanNanos = UNKNOWN;
    private long headSince;

    /** The call that the worker runs, or is about to read. */
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

    /** Whether so many wait that nobody need hurry to take an answer. */
    boolean isDeep() {
        return calls.size() > DEEP;
    }

    /** Whether calls wait behind the first. */
    boolean hasWaiting() {
        return calls.size() > 1;
    }

    boolean contains(Call<?> call) {
        return calls.contains(call);
    }

    void add(Call<?> call, long now) {
        if (calls.isEmpty()) {
            headSince = now;
        }
        call.number = ++sent;
        calls.addLast(call);
    }

    /** The first was answered. */
    void removeHead(long now) {
        calls.removeFirst();
        meanNanos = (7 * meanNanos + (now - headSince)) / 8;
        headSince = now;
    }

    /** Takes a call out that was not even sent. */
    void remove(Call<?> call) {
        calls.remove(call);
    }

    /** How many more calls it is worth to send. */
    int room() {
        int depth = (int) Math.max(1, Math.min(DEEPEST, WORTH_NANOS / Math.max(1, meanNanos)));
        return calls.size() > depth / 2 ? 0 : depth - calls.size(); // in batches
    }

    /** Since when the first is under way. */
    long headSince() {
        return headSince;
    }

    /** Takes back what the worker has not begun, and will not begin any more. */
    List<Call<?>> takeBack(@Nullable WorkerNote note) {
        List<Call<?>> back = new ArrayList<>();
        if (note != null && !calls.isEmpty()) {
            long begun = note.takeBack(sent);
            calls.removeIf(call -> {
                boolean notBegun = call.number > begun;
                if (notBegun) {
                    back.add(call);
                }
                return notBegun;
            });
        }
        return back;
    }

    /** Takes all out: the worker has ended. */
    List<Call<?>> clear() {
        List<Call<?>> all = List.copyOf(calls);
        calls.clear();
        return all;
    }
}
