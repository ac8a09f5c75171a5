package dev.offloop;

import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes a cancellation down what tasks and gatherings await, to the work at the bottom.
 *
 * <p>The chains may be long, so this is a walk with a stack of its own; they may meet, so each is visited once; and they
 * may bite their own tail. A task whose await closes such a circle stops waiting, or the circle would wait for ever.
 */
final class Cancelling {

    /** On the stack when all below a node has been visited. */
    private record Leave(LoopFuture<?> node) {}

    private final @Nullable String message;
    private final ArrayDeque<Object> stack = new ArrayDeque<>();

    /** What has been visited, and whether the walk is still below it. */
    private final IdentityHashMap<LoopFuture<?>, Boolean> onPath = new IdentityHashMap<>();

    private Cancelling(@Nullable String message) {
        this.message = message;
    }

    static void below(LoopFuture<?> root, @Nullable String message) {
        var walk = new Cancelling(message);
        walk.stack.push(root);
        walk.run();
    }

    private void run() {
        while (!stack.isEmpty()) {
            switch (stack.pop()) {
                case Leave(LoopFuture<?> node) -> onPath.put(node, false);
                case LoopTask<?> task -> visit(task, task.beginCancel(message));
                case Gathering<?, ?> gathering -> visit(gathering, gathering.beginCancel(message));
                case LoopFuture<?> leaf -> leaf.cancelHere(message);
                case Object other -> throw new AssertionError(other);
            }
        }
    }

    private void visit(LoopFuture<?> node, List<? extends LoopFuture<?>> below) {
        if (below.isEmpty()) {
            return;
        }
        onPath.put(node, true);
        stack.push(new Leave(node));
        for (LoopFuture<?> next : below) {
            Boolean seen = onPath.get(next);
            if (seen == null) {
                stack.push(next);
            } else if (seen && node instanceof LoopTask<?> task) {
                task.stopWaiting(next, message);
            }
        }
    }
}
