package dev.offloop.internal.engine;

import dev.offloop.internal.monitor.AwaitNode;
import dev.offloop.internal.monitor.AwaitTree;
import dev.offloop.internal.util.UserCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Builds the tree of who awaits whom, for one look.
 *
 * <p>A task stands below the first that waits for it; for each further one there is a line that names it. Those in a
 * circle begin with the first of them, and the line that closes it says so. On the loop's side; or from any thread
 * while the loop is blocked, and then what it finds may be a moment old.
 */
final class TaskTree {

    /** To look at the stack of a task costs some microseconds. */
    private static final int MAX_TASKS = 1_000;

    private static final int MAX_FRAMES = 32;
    private static final int MAX_DEPTH = 100;

    private final Set<LoopTask<?>> toShow = new LinkedHashSet<>();
    private final Set<LoopFuture<?>> shown = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Those on the way from the root. */
    private final Set<LoopFuture<?>> path = Collections.newSetFromMap(new IdentityHashMap<>());

    private TaskTree() {}

    static AwaitTree of(TaskList tasks) {
        List<LoopTask<?>> first = tasks.first(MAX_TASKS);
        return new AwaitTree(new TaskTree().roots(first), Math.max(0, tasks.size() - first.size()));
    }

    private List<AwaitNode> roots(List<LoopTask<?>> tasks) {
        toShow.addAll(tasks);
        Set<LoopFuture<?>> awaited = Collections.newSetFromMap(new IdentityHashMap<>());
        tasks.forEach(task -> addAwaited(task, awaited));
        List<AwaitNode> roots = new ArrayList<>();
        for (LoopTask<?> task : tasks) {
            if (!awaited.contains(task)) {
                roots.add(node(task));
            }
        }
        for (LoopTask<?> task : tasks) { // in a circle, or below what is not looked through
            if (!shown.contains(task)) {
                roots.add(node(task));
            }
        }
        return roots;
    }

    /** Through gathers and shields, to the next tasks. */
    private static void addAwaited(LoopFuture<?> future, Set<LoopFuture<?>> awaited) {
        Deque<LoopFuture<?>> left = new ArrayDeque<>(below(future));
        while (!left.isEmpty()) {
            LoopFuture<?> next = left.pop();
            if (awaited.add(next) && !(next instanceof LoopTask<?>)) {
                left.addAll(below(next));
            }
        }
    }

    private static Collection<LoopFuture<?>> below(LoopFuture<?> future) {
        Set<LoopFuture<?>> below = new LinkedHashSet<>();
        if (future instanceof LoopTask<?> task) {
            LoopFuture<?> awaited = task.awaited();
            if (awaited != null && !awaited.done()) {
                below.add(awaited);
            }
            for (GroupMembers group = task.openGroup; group != null; group = group.outer()) {
                below.addAll(group.children());
            }
        } else {
            Collection<? extends LoopFuture<?>> parts = future.dependsOn();
            if (parts != null) {
                below.addAll(parts);
            }
        }
        below.removeIf(LoopFuture::done);
        return below;
    }

    private AwaitNode node(LoopFuture<?> future) {
        if (path.contains(future)) {
            return new AwaitNode(future.what(), "waits for itself, in a circle");
        }
        boolean again = !shown.add(future);
        if (again || path.size() >= MAX_DEPTH || (future instanceof LoopTask<?> task && !toShow.contains(task))) {
            return new AwaitNode(future.what(), again ? "(shown above)" : "(not shown)");
        }
        path.add(future);
        List<AwaitNode> below = below(future).stream().map(this::node).toList();
        path.remove(future);
        return future instanceof LoopTask<?> task
                ? new AwaitNode(task.what(), state(task), frames(task.stack()), task.creator(), null, below)
                : new AwaitNode(
                        future.what(), future.state(), frames(future.frames()), null, future.remoteWork(), below);
    }

    private static String state(LoopTask<?> task) {
        if (task == task.loop.runningTask()) {
            return "runs";
        }
        return task.thread() == null ? "has not begun" : task.awaited() == null ? "is ready" : "awaits";
    }

    private static List<String> frames(List<StackTraceElement> stack) {
        return stack.stream().limit(MAX_FRAMES).map(UserCode::text).toList();
    }
}
