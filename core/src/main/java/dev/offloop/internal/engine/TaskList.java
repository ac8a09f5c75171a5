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
        List<LoopTask<?>> all = new ArrayList<>();
        for (LoopTask<?> task = first; task != null; task = task.after) {
            all.add(task);
        }
        return all;
    }

    Set<Task<?>> toSet() {
        return new LinkedHashSet<>(toList());
    }
}
