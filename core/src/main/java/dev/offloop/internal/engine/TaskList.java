package dev.offloop.internal.engine;

import dev.offloop.Task;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tasks of a loop that have not ended, in the order of their creation, linked through the tasks themselves. */
final class TaskList {

    private @Nullable LoopTask<?> first;
    private @Nullable LoopTask<?> last;
    private int size;

    void add(LoopTask<?> task) {
        task.before = last;
        if (last == null) {
            first = task;
        } else {
            last.after = task;
        }
        last = task;
        size++;
    }

    int size() {
        return size;
    }

    void remove(LoopTask<?> task) {
        LoopTask<?> before = task.before;
        LoopTask<?> after = task.after;
        if (before != null) {
            before.after = after;
        } else if (first == task) {
            first = after;
        } else {
            return; // it has left already
        }
        if (after != null) {
            after.before = before;
        } else {
            last = before;
        }
        task.before = null;
        task.after = null;
        size--;
    }

    List<LoopTask<?>> toList() {
        return first(Integer.MAX_VALUE);
    }

    /** Returns so many of the oldest. */
    List<LoopTask<?>> first(int limit) {
        List<LoopTask<?>> some = new ArrayList<>();
        for (LoopTask<?> task = first; task != null && some.size() < limit; task = task.after) {
            some.add(task);
        }
        return some;
    }

    Set<Task<?>> toSet() {
        return new LinkedHashSet<>(toList());
    }
}
