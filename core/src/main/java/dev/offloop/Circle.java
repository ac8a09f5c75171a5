package dev.offloop;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Finds out whether a task that is about to wait would wait for itself, by way of others of its loop. Where anything else could
 * end one of the waits, a time-out, a thread, a future that nobody knows of, there is no circle.
 *
 * <p>On the loop's side.
 */
final class Circle {

    /** No circle that somebody would make is longer. */
    private static final int FAR = 1_000;

    private final LoopTask<?> me;
    private final List<LoopTask<?>> path = new ArrayList<>();

    private Circle(LoopTask<?> me) {
        this.me = me;
    }

    /**
     * Called before {@code me} waits for {@code awaited}.
     *
     * @throws IllegalStateException if that would never end
     */
    static void check(LoopTask<?> me, LoopFuture<?> awaited) {
        var circle = new Circle(me);
        Collection<? extends LoopFuture<?>> first = me.timeouts > 0 ? null : awaited.dependsOn();
        if (first != null && circle.isClosedBy(first)) {
            throw new IllegalStateException(circle.inWords());
        }
    }

    /** Whether none of them can end before {@code me} goes on. */
    private boolean isClosedBy(Collection<? extends LoopFuture<?>> below) {
        return !below.isEmpty() && below.stream().allMatch(this::isClosedBy);
    }

    private boolean isClosedBy(LoopFuture<?> future) {
        if (future == me) {
            return true;
        }
        if (future.done() || path.size() > FAR) {
            return false;
        }
        if (future instanceof LoopTask<?> task) {
            if (path.contains(task)) {
                return false; // a circle of others: not this one's to tell
            }
            path.add(task);
        }
        Collection<? extends LoopFuture<?>> below = future.dependsOn();
        return below != null && isClosedBy(below);
    }

    private String inWords() {
        return "Deadlock: task " + me.name() + " would wait for "
                + path.stream()
                        .map(task -> "task " + task.name() + ", which waits for ")
                        .collect(Collectors.joining())
                + "task " + me.name() + ". Acquire locks in the same order everywhere, or wait with a timeout(…)";
    }
}
