package dev.offloop.internal.engine;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a future depends on another one, directly or through others: by one walk from the first down what
 * it depends on, and one from the other up what depends on it. They take steps in turns, and the end of one is the end
 * of both. So what is built step by step, a chain of tasks that await each other for one, from either side, costs no
 * more per step than its shorter side is long.
 *
 * <p>Only the walk down knows the locks: their waiters are not among the listeners of the task that holds one. So while
 * tasks wait for locks, it goes on alone for a while.
 *
 * <p>On the loop's side.
 */
final class Reach {

    /** Longer than any circle of locks in a real program. */
    private static final int FAR = 1_000;

    private Reach() {}

    /**
     * Whether {@code from}, or something that it depends on, depends on {@code to}; maybe by a lock that that holds.
     */
    static boolean leadsTo(LoopFuture<?> to, LoopFuture<?> from, boolean byLocks) {
        var up = new Walk(LoopFuture::dependents, to);
        var down = new Walk(Reach::below, from);
        int alone = 0;
        while (alone < FAR && !down.isOver()) {
            if (up.step() && up.found == from) {
                return true;
            }
            if (up.isOver()) {
                if (!byLocks) {
                    return false;
                }
                alone++;
            }
            if (down.step() && down.found == to) {
                return true;
            }
        }
        return false;
    }

    private static Iterator<? extends LoopFuture<?>> below(LoopFuture<?> future) {
        Collection<? extends LoopFuture<?>> below = future.dependsOn();
        return below == null ? Collections.emptyIterator() : below.iterator();
    }

    private static final class Walk {
        private final Function<LoopFuture<?>, Iterator<? extends LoopFuture<?>>> further;
        private final ArrayDeque<Iterator<? extends LoopFuture<?>>> stack = new ArrayDeque<>();
        private final Set<LoopFuture<?>> seen = Collections.newSetFromMap(new IdentityHashMap<>());

        /** By the last step that was one. */
        @Nullable
        LoopFuture<?> found;

        Walk(Function<LoopFuture<?>, Iterator<? extends LoopFuture<?>>> further, LoopFuture<?> root) {
            this.further = further;
            stack.push(further.apply(root));
        }

        boolean isOver() {
            while (!stack.isEmpty() && !stack.element().hasNext()) {
                stack.pop();
            }
            return stack.isEmpty();
        }

        /** Looks at one more. True if it is a pending one that was not found before. */
        boolean step() {
            if (isOver()) {
                return false;
            }
            LoopFuture<?> next = stack.element().next();
            if (next.done() || !seen.add(next)) {
                return false;
            }
            found = next;
            stack.push(further.apply(next));
            return true;
        }
    }
}
