package dev.offloop;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a future depends on a task, directly or through others: by one walk from the future down what it depends on, and
 * one from the task up what depends on it. They take steps in turns, and the end of one is the end of both. So what is built step by
 * step, a chain of tasks that await each other for one, from either side, costs no more per step than its shorter side is long.
 *
 * <p>Only the walk down knows the locks: their waiters are not among the listeners of the task that holds one. So while tasks
 * wait for locks, it goes on alone for a while.
 *
 * <p>On the loop's side.
 */
final class Reach {

    /** No circle of locks that somebody would make is longer. */
    private static final int FAR = 1_000;

    private Reach() {}

    static boolean leadsTo(LoopTask<?> task, LoopFuture<?> from) {
        var down = new Walk(Reach::below);
        down.begin(from);
        var up = new Walk(LoopFuture::dependents);
        up.begin(task);
        int alone = 0;
        while (alone < FAR) {
            LoopFuture<?> below = down.next();
            if (below == null || below == task) {
                return below != null;
            }
            LoopFuture<?> above = up.next();
            if (above == from) {
                return true;
            }
            if (above == null) {
                if (task.loop.lockWaits == 0) {
                    return false;
                }
                alone++;
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

        Walk(Function<LoopFuture<?>, Iterator<? extends LoopFuture<?>>> further) {
            this.further = further;
        }

        void begin(LoopFuture<?> root) {
            stack.push(further.apply(root));
        }

        /** One step; null at the end. */
        @Nullable
        LoopFuture<?> next() {
            while (!stack.isEmpty()) {
                Iterator<? extends LoopFuture<?>> top = stack.element();
                if (!top.hasNext()) {
                    stack.pop();
                    continue;
                }
                LoopFuture<?> next = top.next();
                if (!next.done() && seen.add(next)) {
                    stack.push(further.apply(next));
                    return next;
                }
            }
            return null;
        }
    }
}
