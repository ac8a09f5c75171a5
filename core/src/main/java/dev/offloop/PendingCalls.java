package dev.offloop;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The calls that wait in somebody else's executor. {@code ExecutorService.shutdownNow()} drops its queue without a word
 * to those who wait, so the loop looks after them now and then; a task that awaits one would wait for ever.
 *
 * <p>Touched by the loop's side only.
 */
final class PendingCalls {

    /** How soon a dropped call is noticed: it should be a wonder that it is noticed at all. */
    private static final long LOOK_NANOS = 250_000_000;

    private final Set<OffloadedCall<?>> calls = new HashSet<>();
    private long nextLook;

    void add(OffloadedCall<?> call, long now) {
        if (calls.isEmpty()) {
            nextLook = now + LOOK_NANOS;
        }
        calls.add(call);
    }

    void remove(OffloadedCall<?> call) {
        if (!calls.isEmpty()) {
            calls.remove(call);
        }
    }

    /** When to look next, or {@link Long#MAX_VALUE}. */
    long nextLook() {
        return calls.isEmpty() ? Long.MAX_VALUE : nextLook;
    }

    void look(long now) {
        if (!calls.isEmpty() && now >= nextLook) {
            nextLook = now + LOOK_NANOS;
            for (OffloadedCall<?> call : List.copyOf(calls)) { // a failure may run code that cancels other calls
                if (call.failIfDropped()) {
                    calls.remove(call);
                }
            }
        }
    }
}
