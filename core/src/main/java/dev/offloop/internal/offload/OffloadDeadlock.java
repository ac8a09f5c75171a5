package dev.offloop.internal.offload;

import dev.offloop.CapacityLimiter;
import dev.offloop.Offload;
import dev.offloop.internal.engine.LoopFuture;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Finds offloaded functions that wait for each other without end. A function that has called back to the loop, by
 * {@link Offload#call}, keeps its thread and its place in a {@link CapacityLimiter}; if what it calls waits for another
 * function that needs such a place, and all places are taken by functions that wait like that, none will ever be free.
 *
 * <p>First all functions that call back count as stuck. Then those are taken out that can end: what they wait for, down
 * to the bottom, is something that runs, or something of which nothing is known, or a place that another function can
 * still leave. That is repeated until nothing changes; what is left then is stuck indeed. So a doubt is always decided
 * for waiting on.
 *
 * <p>On the loop's side.
 */
final class OffloadDeadlock {

    /** Deeper than any nesting of real programs; the stack is limited. */
    private static final int FAR = 300;

    private final Set<OffloadedCall<?>> stuck;

    OffloadDeadlock(Collection<OffloadedCall<?>> callingBack) {
        this.stuck = new LinkedHashSet<>(callingBack);
    }

    /** Fails one call of a deadlock, if there is one: the error goes up, and the places are free. */
    void breakUp() {
        while (stuck.removeIf(call -> canEnd(call.calledBack(), new HashSet<>()))) {
            // and test again those that wait for the ones just removed
        }
        if (!stuck.isEmpty()) {
            OffloadedCall<?> waiting = waitingBelow(stuck.iterator().next().calledBack(), new HashSet<>());
            if (waiting != null) {
                waiting.reject(new RejectedExecutionException("Deadlock: all places of " + waiting.place()
                        + " are taken by functions that wait, in Offload.call(…), for a function that needs such a place."
                        + " Give the inner function another executor or limiter, or raise the limit"));
            }
        }
    }

    private boolean canEnd(@Nullable LoopFuture<?> future, Set<LoopFuture<?>> path) {
        if (future == null || future.done() || path.size() > FAR) {
            return true;
        }
        if (!path.add(future)) {
            return false;
        }
        if (future instanceof OffloadedCall<?> call) {
            Collection<Runnable> occupants = call.occupants();
            return occupants == null ? !stuck.contains(call) : canGiveWay(occupants, path);
        }
        Collection<? extends LoopFuture<?>> below = future.dependsOn();
        return below == null
                || below.stream().allMatch(LoopFuture::done)
                || below.stream().anyMatch(next -> !next.done() && canEnd(next, path));
    }

    private boolean canGiveWay(Collection<Runnable> occupants, Set<LoopFuture<?>> path) {
        return occupants.isEmpty()
                || occupants.stream()
                        .anyMatch(occupant -> !(occupant instanceof OffloadedCall<?> call) || canEnd(call, path));
    }

    private static @Nullable OffloadedCall<?> waitingBelow(@Nullable LoopFuture<?> future, Set<LoopFuture<?>> seen) {
        if (future == null || seen.size() > FAR || !seen.add(future)) {
            return null;
        }
        if (future instanceof OffloadedCall<?> call) {
            return call.done() || call.occupants() == null ? waitingBelow(call.calledBack(), seen) : call;
        }
        Collection<? extends LoopFuture<?>> below = future.dependsOn();
        if (below != null) {
            for (LoopFuture<?> next : below) {
                OffloadedCall<?> found = waitingBelow(next, seen);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }
}
