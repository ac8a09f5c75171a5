package dev.offloop.internal.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a task that is about to wait would wait for itself, by way of others of its loop: those that it
 * awaits, what these await, the tasks that hold locks, the children of groups. Where anything else could end one of the
 * waits, a timeout, a thread, a future of which nothing is known, there is no circle.
 *
 * <p>At first nothing below the awaited future is known to be able to end. Then it is found out what is, from the
 * bottom up: what does not wait, and what waits for that. If the awaited future is not among it in the end, and the
 * task that is about to wait was met, the circle is certain. Whether the task can be met at all is found out before,
 * see {@link Reach}: nearly always it cannot.
 *
 * <p>On the loop's side.
 */
public final class TaskDeadlock {

    private static final int FEW = 4;

    /** So many tasks are named in the error. */
    private static final int MANY = 20;

    /** What waits, or not. */
    private static final class Node {
        final LoopFuture<?> future;

        /** Those that wait for it. */
        final List<Node> above = new ArrayList<>(1);

        /** How many of those below have to end before it can. */
        int needed = 1;

        boolean canEnd;

        /** The next one in the circle. */
        @Nullable
        Node next;

        Node(LoopFuture<?> future) {
            this.future = future;
        }
    }

    private final LoopFuture<?> me;
    private final IdentityHashMap<LoopFuture<?>, Node> nodes = new IdentityHashMap<>();
    private final ArrayDeque<Node> toVisit = new ArrayDeque<>();

    private boolean met;

    private TaskDeadlock(LoopFuture<?> me) {
        this.me = me;
    }

    /**
     * Called before {@code me} waits for {@code awaited}.
     *
     * @throws IllegalStateException if that would never end
     */
    static void check(LoopTask<?> me, LoopFuture<?> awaited) {
        IllegalStateException deadlock = closedBy(me, awaited, me.loop.lockWaits > 0);
        if (deadlock != null) {
            if (!(awaited instanceof LoopTask<?>)) {
                awaited.ignoreFailure(); // a gather, a shield: this very error, when it has gone round
            }
            throw deadlock;
        }
    }

    /**
     * What {@code me}, which waits for {@code awaited} or is that itself, fails with if it would never end; else null.
     */
    public static @Nullable IllegalStateException closedBy(LoopFuture<?> me, LoopFuture<?> awaited) {
        return closedBy(me, awaited, false); // asked at the end of each of many children: a walk for locks is too dear
    }

    private static @Nullable IllegalStateException closedBy(LoopFuture<?> me, LoopFuture<?> awaited, boolean byLocks) {
        boolean possible = !(me instanceof LoopTask<?> task && task.timeouts > 0)
                && awaited.dependsOn() != null
                && (byLocks || mayWaitFor(me, awaited))
                && Reach.leadsTo(me, awaited, byLocks);
        if (possible) {
            var circle = new TaskDeadlock(me);
            var root = new Node(awaited);
            circle.nodes.put(awaited, root);
            if (circle.isClosedBelow(root)) {
                return new IllegalStateException(circle.inWords(circle.tasksFrom(root)));
            }
        }
        return null;
    }

    /**
     * False in the usual case, without a walk: few wait for me, one for the other, and nothing waits for the last of
     * them.
     */
    private static boolean mayWaitFor(LoopFuture<?> me, LoopFuture<?> awaited) {
        LoopFuture<?> last = me;
        for (int steps = 0; last != null && steps < FEW; steps++) {
            if (!last.hasDependents()) {
                return false;
            }
            last = last.onlyDependent();
            if (last == awaited) {
                return true;
            }
        }
        return true;
    }

    private Node node(LoopFuture<?> future) {
        Node known = nodes.get(future);
        if (known != null) {
            return known;
        }
        var node = new Node(future);
        nodes.put(future, node);
        if (future != me) {
            toVisit.push(node);
        }
        return node;
    }

    private boolean isClosedBelow(Node root) {
        visit(root);
        while (!toVisit.isEmpty() && !root.canEnd) {
            visit(toVisit.pop());
        }
        return met && !root.canEnd;
    }

    private void visit(Node node) {
        Collection<? extends LoopFuture<?>> below = node.future.dependsOn();
        int pending = 0;
        int able = 0;
        if (below != null && !node.future.done()) {
            for (LoopFuture<?> future : below) {
                if (!future.done()) {
                    met |= future == me;
                    Node next = node(future);
                    next.above.add(node);
                    pending++;
                    able += next.canEnd ? 1 : 0;
                }
            }
        }
        if (pending == 0) { // nothing is known of it, or its end is on the way
            canEnd(node);
            return;
        }
        node.needed = (node.future.needsAll() ? pending : 1) - able;
        if (node.needed <= 0) {
            canEnd(node);
        }
    }

    /** Takes that up to all that wait for it. */
    private static void canEnd(Node bottom) {
        var able = new ArrayDeque<Node>();
        bottom.canEnd = true;
        able.add(bottom);
        while (!able.isEmpty()) {
            for (Node above : able.remove().above) {
                if (--above.needed <= 0 && !above.canEnd) {
                    above.canEnd = true;
                    able.add(above);
                }
            }
        }
    }

    /** The tasks on the shortest way to me. */
    private List<LoopTask<?>> tasksFrom(Node root) {
        Node end = node(me);
        var ways = new ArrayDeque<Node>(List.of(end));
        while (root.next == null && !ways.isEmpty()) {
            Node next = ways.remove();
            for (Node above : next.above) {
                if (above.next == null && !above.canEnd) {
                    above.next = next;
                    ways.add(above);
                }
            }
        }
        List<LoopTask<?>> tasks = new ArrayList<>();
        Node node = root;
        do {
            if (node.future instanceof LoopTask<?> task) {
                tasks.add(task);
            }
            node = node.next;
        } while (node != null && node != end);
        return tasks;
    }

    private String inWords(List<LoopTask<?>> tasks) {
        LoopTask<?> first = me instanceof LoopTask<?> task ? task : tasks.getFirst();
        List<LoopTask<?>> others = first == me ? tasks : tasks.subList(1, tasks.size());
        String name = "task " + first.name();
        String way = others.stream()
                .limit(MANY)
                .map(task -> "task " + task.name() + ", which waits for ")
                .collect(Collectors.joining());
        String more = others.size() > MANY ? (others.size() - MANY) + " more tasks, the last of which waits for " : "";
        String places = others.stream().limit(MANY).map(TaskDeadlock::place).collect(Collectors.joining("\n"));
        return "Deadlock: " + name + (first == me ? " would wait for " : " waits for ")
                + (others.isEmpty() ? "itself, through what it awaits" : way + more + name)
                + ". None of them could go on: let one not wait for the other, acquire locks in the same order"
                + " everywhere, or wait with a timeout(…)\n" + place(first)
                + (places.isEmpty() ? "" : "\n" + places);
    }

    private static String place(LoopTask<?> task) {
        List<StackTraceElement> stack = task.stack();
        return "task " + task.name() + " awaits at " + (stack.isEmpty() ? "an unknown place" : stack.getFirst());
    }
}
