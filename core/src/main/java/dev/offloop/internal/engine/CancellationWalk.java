package dev.offloop.internal.engine;

import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes a cancellation down what tasks and gatherings await, to the work at the bottom.
 *
 * <p>The chains may be long, so this is a walk with a stack of its own; they may meet, so each is visited once; and
 * they may be circles. Then the innermost task of the circle stops waiting, since the circle would never end.
 */
public final class CancellationWalk {

    /** On the stack when all below a node has been visited. */
    private record Leave(LoopFuture<?> node) {}

    private final @Nullable String message;
    private final ArrayDeque<Object> stack = new ArrayDeque<>();

    /** What has been visited, and whether the walk is still below it. */
    private final IdentityHashMap<LoopFuture<?>, Boolean> onPath = new IdentityHashMap<>();

    /** From the node whose children are visited up to the root, and the tasks among them. */
    private final ArrayDeque<LoopFuture<?>> path = new ArrayDeque<>();

    private final ArrayDeque<LoopTask<?>> tasksOnPath = new ArrayDeque<>();

    /** The child of a group, if that one cancels it. */
    private final @Nullable LoopTask<?> child;

    private CancellationWalk(@Nullable String message, @Nullable LoopTask<?> child) {
        this.message = message;
        this.child = child;
    }

    /** Cancels a task or a gather, and what it waits for. Returns false if it has ended already. */
    static boolean below(LoopFuture<?> root, @Nullable String message) {
        return start(root, message, null);
    }

    /**
     * Cancels a child of a group. If it awaits a parent, which waits for it, it stops waiting: the parent is not meant.
     */
    public static void child(LoopTask<?> child, @Nullable String message) {
        boolean _ = start(child, message, child);
    }

    private static boolean start(LoopFuture<?> root, @Nullable String message, @Nullable LoopTask<?> child) {
        if (root.done()) {
            return false;
        }
        var walk = new CancellationWalk(message, child);
        walk.stack.push(root);
        walk.run();
        return true;
    }

    private void run() {
        while (!stack.isEmpty()) {
            switch (stack.pop()) {
                case Leave(LoopFuture<?> node) -> leave(node);
                case LoopFuture<?> node when onPath.containsKey(node) -> meetAgain(node);
                case LoopTask<?> task when isParent(task) -> stopInnermost();
                case LoopTask<?> task -> enter(task, task.beginCancel(message));
                case GatheringFuture<?, ?> gathering -> enter(gathering, gathering.beginCancel(message));
                case LoopFuture<?> leaf -> leaf.cancelHere(message);
                case Object other -> throw new AssertionError(other);
            }
        }
    }

    private void enter(LoopFuture<?> node, List<? extends LoopFuture<?>> below) {
        onPath.put(node, !below.isEmpty());
        if (below.isEmpty()) {
            return;
        }
        path.push(node);
        if (node instanceof LoopTask<?> task) {
            tasksOnPath.push(task);
        }
        stack.push(new Leave(node));
        below.forEach(stack::push);
    }

    private void leave(LoopFuture<?> node) {
        onPath.put(node, false);
        path.pop();
        if (node instanceof LoopTask<?>) {
            tasksOnPath.pop();
        }
    }

    /** There is a task in every circle: a gathering is younger than all that it gathers. */
    private void meetAgain(LoopFuture<?> node) {
        if (Boolean.TRUE.equals(onPath.get(node))) {
            if (path.peek() instanceof GatheringFuture<?, ?> gathering) {
                gathering.expectEndOf(node);
            }
            stopInnermost();
        }
    }

    private void stopInnermost() {
        LoopTask<?> innermost = tasksOnPath.peek();
        if (innermost != null) {
            innermost.stopWaiting(message);
        }
    }

    /** Of the child, or of its parent, and so on. */
    private boolean isParent(LoopTask<?> task) {
        LoopTask<?> parent = child == null ? null : child.parent();
        while (parent != null && parent != task) {
            parent = parent.parent();
        }
        return parent != null;
    }
}
