package dev.offloop.internal.engine;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Remembers the tasks that wait in a circle which something else could still end, and ends the wait of one when nothing
 * can any more.
 *
 * <p>A circle becomes certain when others end or begin to wait, and all of these steps make the loop busy; so a check
 * is enough when the loop has nothing else to run. Nearly always there is no such task.
 *
 * <p>On the loop's side.
 */
final class PossibleDeadlocks {

    private final Set<LoopTask<?>> waiting = new LinkedHashSet<>();

    /** Remembers a task that is about to wait in a circle. */
    void add(LoopTask<?> task) {
        waiting.add(task);
    }

    /** Called when nothing is ready: fails the first wait that cannot end any more. */
    void check() {
        if (!waiting.isEmpty()) {
            for (LoopTask<?> task : List.copyOf(waiting)) {
                TaskDeadlock circle = TaskDeadlock.ofWaiting(task);
                IllegalStateException deadlock = circle == null ? null : circle.ifCertain();
                if (circle == null || deadlock != null) {
                    waiting.remove(task);
                }
                if (deadlock != null) {
                    task.failAwait(deadlock);
                    return; // which may open the other circles
                }
            }
        }
    }
}
