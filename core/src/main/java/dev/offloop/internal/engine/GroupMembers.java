package dev.offloop.internal.engine;

import dev.offloop.TaskGroup;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds the tasks of a {@link TaskGroup}, each of which may end the waits of all others: its failure cancels them.
 *
 * <p>On the loop's side.
 */
public final class GroupMembers {

    private final LoopTask<?> parent;

    /** The group of the same parent that encloses this one. */
    private final @Nullable GroupMembers outer;

    private final Set<LoopTask<?>> children = new LinkedHashSet<>();
    private boolean cancelled;

    private GroupMembers(LoopTask<?> parent) {
        this.parent = parent;
        this.outer = parent.openGroup;
    }

    /** Opens a group, which encloses what the parent does until {@link #close}. */
    public static GroupMembers open(LoopTask<?> parent) {
        var members = new GroupMembers(parent);
        parent.openGroup = members;
        return members;
    }

    /** Ends the group, which has no children any more. */
    public void close() {
        parent.openGroup = outer;
    }

    /** Adds a child, before its first step. */
    public void add(LoopTask<?> child) {
        children.add(child);
        child.group = this;
    }

    /** Removes a child that has ended. */
    public void remove(LoopTask<?> child) {
        children.remove(child);
    }

    /** Returns the children that have not ended. */
    public Set<LoopTask<?>> children() {
        return children;
    }

    /** Returns the group of the same parent that encloses this one. */
    @Nullable
    GroupMembers outer() {
        return outer;
    }

    /** Returns the task whose group it is. */
    LoopTask<?> parent() {
        return parent;
    }

    /** Cancels the children; from then on no failure cancels anyone. */
    public void cancelChildren() {
        cancelled = true;
        for (LoopTask<?> child : List.copyOf(children)) {
            CancellationWalk.child(child, "The task group is ending");
        }
    }

    /** Returns whether the children have been cancelled. */
    public boolean cancelled() {
        return cancelled;
    }

    /** Returns the tasks whose failure would cancel the others: the children, and the parent with its body. */
    Collection<LoopTask<?>> all() {
        List<LoopTask<?>> all = new ArrayList<>(children);
        all.add(parent);
        return all;
    }

    /** Returns the groups that can still cancel a task: the one it belongs to, and those that it has opened. */
    static List<GroupMembers> thatMayCancel(LoopTask<?> task) {
        List<GroupMembers> groups = new ArrayList<>(2);
        if (task.group != null && !task.group.cancelled) {
            groups.add(task.group);
        }
        for (GroupMembers open = task.openGroup; open != null; open = open.outer) {
            if (!open.cancelled) {
                groups.add(open);
            }
        }
        return groups;
    }
}
