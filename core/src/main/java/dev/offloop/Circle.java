package dev.offloop;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a task that is about to wait would wait for itself, by way of others of its loop: those that it awaits, what these
 * await, the tasks that hold locks, the children of groups. Where anything else could end one of the waits, a timeout, a thread, a
 * future of which nothing is known, there is no circle.
 *
 * <p>At first nothing below the awaited future is known to be able to end. Then it is found out what is, from the bottom up: what does
 * not wait, and what waits for that. If the awaited future is not among it in the end, and the task that is about to wait was met, the
 * circle is certain. Whether the task can be met at all is found out before, see {@link Reach}: nearly always it cannot.
 *
 * <p>On the loop's side.
 */
final class Circle {

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

    private final LoopTask<?> me;
    private final IdentityHashMap<LoopFuture<?>, Node> nodes = new IdentityHashMap<>();
    private final ArrayDeque<Node> toVisit = new ArrayDeque<>();

    private Circle(LoopTask<?> me) {
        this.me = me;
    }

    /**
     * Called before {@code me} waits for {@code awaited}.
     *
     * @throws IllegalStateException if that would never end
     */
    static void check(LoopTask<?> me, LoopFuture<?> awaited) {
        if (me.timeouts == 0
                && awaited.dependsOn() != null
                && (me.hasDependents() || me.loop.lockWaits > 0)
                && Reach.leadsTo(me, awaited)) {
            var circle = new Circle(me);
            Node root = circle.node(awaited);
            if (circle.isClosedBelow(root)) {
                if (!(awaited instanceof LoopTask<?>)) {
                    awaited.ignoreFailure(); // a gather, a shield: this very error, when it has gone round
                }
                throw new IllegalStateException(circle.inWords(circle.tasksFrom(root)));
            }
        }
    }

    private Node node(LoopFuture<?> future) {
        Node known = nodes.get(future);
        if (known != null) {
            return known;
        }
        var node = new Node(future);
        nodes.put(future, node);
        toVisit.push(node);
        return node;
    }

    private boolean isClosedBelow(Node root) {
        boolean met = false;
        while (!toVisit.isEmpty() && !root.canEnd) {
            Node node = toVisit.pop();
            if (node.future == me) {
                met = true;
            } else {
                visit(node);
            }
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
        for (Node node = root; node != null && node != end; node = node.next) {
            if (node.future instanceof LoopTask<?> task) {
                tasks.add(task);
            }
        }
        return tasks;
    }

    private String inWords(List<LoopTask<?>> others) {
        String name = "task " + me.name();
        String way = others.stream()
                .limit(MANY)
                .map(task -> "task " + task.name() + ", which waits for ")
                .collect(Collectors.joining());
        String more = others.size() > MANY ? (others.size() - MANY) + " more tasks, the last of which waits for " : "";
        String places = others.stream().limit(MANY).map(Circle::place).collect(Collectors.joining("\n"));
        return "Deadlock: " + name + " would wait for "
                + (others.isEmpty() ? "itself, through what it awaits" : way + more + name)
                + ". None of them could go on: let one not wait for the other, acquire locks in the same order"
                + " everywhere, or wait with a timeout(…)\n" + place(me)
                + (places.isEmpty() ? "" : "\n" + places);
    }

    private static String place(LoopTask<?> task) {
        List<StackTraceElement> stack = task.stack();
        return "task " + task.name() + " awaits at " + (stack.isEmpty() ? "an unknown place" : stack.getFirst());
    }
}
