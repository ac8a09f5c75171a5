package dev.offloop;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The work elsewhere that a loop waits for: how much there is, and whether some of it waits for ever.
 *
 * <p>Two things go wrong in silence, so the loop looks for them now and then, in real time. {@code
 * ExecutorService.shutdownNow()} drops its queue without a word to those who wait. And functions that call back to the
 * loop may wait for each other's threads, see {@link Nesting}.
 *
 * <p>Touched by the loop's side only.
 */
final class Outside {

    /** How soon a lost call is noticed: it should be a wonder that it is noticed at all. */
    private static final long LOOK_NANOS = 250_000_000;

    private final Set<OffloadedCall<?>> droppable = new HashSet<>();
    private final Set<OffloadedCall<?>> callingBack = new LinkedHashSet<>();
    private final @Nullable Host host;
    private int count;
    private long nextLook;

    Outside(@Nullable Host host) {
        this.host = host;
    }

    /** Something is under way that will bring its end to the loop. */
    void begin() {
        count++;
    }

    void end() {
        count--;
    }

    /** How much there is, without the functions that wait for the loop in their turn. */
    int count() {
        return count - callingBack.size();
    }

    /** Looks after a call in an executor that may drop it. */
    void watch(OffloadedCall<?> call) {
        beginToLook();
        droppable.add(call);
    }

    private void beginToLook() {
        if (nothingToLookAt()) {
            nextLook = Nanos.elapsed() + LOOK_NANOS;
            if (host != null) {
                host.wakeAt(LOOK_NANOS);
            }
        }
    }

    /** Looks after a call whose function waits for the loop. */
    void watchCallBack(OffloadedCall<?> call) {
        beginToLook();
        callingBack.add(call);
    }

    void callBackEnded(OffloadedCall<?> call) {
        callingBack.remove(call);
    }

    void forget(OffloadedCall<?> call) {
        if (!droppable.isEmpty()) {
            droppable.remove(call);
        }
    }

    private boolean nothingToLookAt() {
        return droppable.isEmpty() && callingBack.isEmpty();
    }

    /** In nanoseconds of real time; {@link Long#MAX_VALUE} if there is nothing to look at. */
    long untilNextLook() {
        return nothingToLookAt() ? Long.MAX_VALUE : Math.max(0, nextLook - Nanos.elapsed());
    }

    void look() {
        if (nothingToLookAt() || Nanos.elapsed() < nextLook) {
            return;
        }
        nextLook = Nanos.elapsed() + LOOK_NANOS;
        for (OffloadedCall<?> call : List.copyOf(droppable)) { // a failure may run code that cancels other calls
            if (call.failIfDropped()) {
                droppable.remove(call);
            }
        }
        if (!callingBack.isEmpty()) {
            new Nesting(callingBack).breakUp();
        }
    }
}
