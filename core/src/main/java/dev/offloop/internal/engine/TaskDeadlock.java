package dev.offloop.internal.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a task that is about to wait would wait for itself, through others of its loop: those that it
 * awaits, those that these await, the tasks that hold locks, the children of groups. Where anything else could end one
 * of the waits, there is no deadlock: a timeout, a thread, a future of which nothing is known, a task whose failure
 * would cancel the group of one that waits. The only way out that does not count is a cancellation that another task,
 * which has no part in the waits, might ask for.
 *
 * <p><b>Two walks.</b> Most awaits close no circle, and {@link Reach} finds that out at little cost. Where there is
 * one, a second walk visits all that the task waits for. At first nothing there is known to be able to end; then what
 * does not wait can, and what waits for that, from the bottom up. If the task itself is not among it in the end, the
 * deadlock is certain. A circle that something can still end is kept in {@link PossibleDeadlocks} and visited again.
 *
 * <p>On the loop's side.
 */
final class TaskDeadlock {

    private static final int FEW = 4;

    /** The largest number of tasks that the error names. */
    private static final int MANY = 20;

    /** A task, a future or a group, and what is known of its end. */
    private static final class Node {

        /** A {@link LoopFuture} or {@link GroupMembers}. */
        final Object subject;

        /** Those that wait for it. */
        final List<Node> above = new ArrayList<>(1);

        /** How many of those below have to end before it can. */
        int needed = 1;

        boolean canEnd;

        /** The next one in the circle. */
        @Nullable
        Node next;

        Node(Object subject) {
            this.subject = subject;
        }
    }

    private final LoopTask<?> me;
    private final LoopFuture<?> awaited;
    private final IdentityHashMap<Object, Node> nodes = new IdentityHashMap<>();
    private final ArrayDeque<Node> toVisit = new ArrayDeque<>();

    private TaskDeadlock(LoopTask<?> me, LoopFuture<?> awaited) {
        this.me = me;
        this.awaited = awaited;
    }

    /**
     * Called before {@code me} waits for {@code awaited}.
     *
     * @throws IllegalStateException if that would never end
     */
    static void check(LoopTask<?> me, LoopFuture<?> awaited) {
        TaskDeadlock circle = of(me, awaited);
        IllegalStateException deadlock = circle == null ? null : circle.ifCertain();
        if (deadlock != null) {
            throw deadlock;
        }
        if (circle != null) {
            me.loop.possibleDeadlocks().add(me);
        }
    }

    /** Returns the circle in which a task waits; null if it waits in none. */
    static @Nullable TaskDeadlock ofWaiting(LoopTask<?> task) {
        LoopFuture<?> awaited = task.awaited();
        return awaited == null || awaited.done() ? null : of(task, awaited);
    }

    private static @Nullable TaskDeadlock of(LoopTask<?> me, LoopFuture<?> awaited) {
        boolean byLocks = me.loop.lockWaits > 0;
        boolean circle = me.timeouts == 0
                && awaited.dependsOn() != null
                && (byLocks || mayWaitFor(me, awaited))
                && Reach.leadsTo(me, awaited, byLocks);
        return circle ? new TaskDeadlock(me, awaited) : null;
    }

    /**
     * False in the usual case, without a walk: few wait for me, one for the other, and nothing waits for the last of
     * them.
     */
    private static boolean mayWaitFor(LoopTask<?> me, LoopFuture<?> awaited) {
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

    /** Returns the error for the task if nothing can end its wait, else null. */
    @Nullable
    IllegalStateException ifCertain() {
        Node end = new Node(me);
        nodes.put(me, end);
        visit(end, List.of(awaited));
        while (!toVisit.isEmpty() && !end.canEnd) {
            Node node = toVisit.pop();
            visit(node, below(node));
        }
        List<LoopTask<?>> tasks = end.canEnd ? List.of() : tasksOfCircle(end);
        if (tasks.isEmpty()) {
            return null;
        }
        if (!(awaited instanceof LoopTask<?>)) {
            awaited.ignoreFailure(); // a gather, a shield: it fails with this very error in the end
        }
        return new IllegalStateException(inWords(tasks));
    }

    private static @Nullable Collection<? extends LoopFuture<?>> below(Node node) {
        return switch (node.subject) {
            case GroupMembers group -> group.all();
            case LoopFuture<?> future -> future.done() ? null : future.dependsOn();
            case Object other -> throw new AssertionError(other);
        };
    }

    private Node node(Object subject) {
        Node known = nodes.get(subject);
        if (known != null) {
            return known;
        }
        var node = new Node(subject);
        nodes.put(subject, node);
        toVisit.push(node);
        return node;
    }

    private void visit(Node node, @Nullable Collection<? extends LoopFuture<?>> below) {
        List<Node> nodesBelow = new ArrayList<>();
        if (below != null) {
            below.stream().filter(future -> !future.done()).map(this::node).forEach(nodesBelow::add);
        }
        if (nodesBelow.isEmpty()) { // nothing is known of it, or its end is on the way
            canEnd(node);
            return;
        }
        if (node.subject instanceof LoopTask<?> task) {
            GroupMembers.thatMayCancel(task).stream().map(this::node).forEach(nodesBelow::add);
        }
        node.needed = node.subject instanceof LoopFuture<?> future && future.needsAll() ? nodesBelow.size() : 1;
        for (Node next : nodesBelow) {
            next.above.add(node);
            node.needed -= next.canEnd ? 1 : 0;
        }
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

    /** Returns the tasks on the shortest way from the task back to it; none if it only waits for a circle of others. */
    private List<LoopTask<?>> tasksOfCircle(Node end) {
        Node first = node(awaited);
        var ways = new ArrayDeque<Node>(List.of(end));
        while (first.next == null && !ways.isEmpty()) {
            Node next = ways.remove();
            for (Node above : next.above) {
                if (above.next == null && !above.canEnd && above.subject instanceof LoopFuture<?>) {
                    above.next = next;
                    ways.add(above);
                }
            }
        }
        List<LoopTask<?>> tasks = new ArrayList<>();
        if (first.next != null) {
            tasks.add(me);
            for (Node node = first; node != null && node != end; node = node.next) {
                if (node.subject instanceof LoopTask<?> task) {
                    tasks.add(task);
                }
            }
        }
        return tasks;
    }

    private static String inWords(List<LoopTask<?>> tasks) {
        List<LoopTask<?>> others = tasks.subList(1, tasks.size());
        String name = "task " + tasks.getFirst().name();
        String way = others.stream()
                .limit(MANY)
                .map(task -> "task " + task.name() + ", which waits for ")
                .collect(Collectors.joining());
        String more = others.size() > MANY ? (others.size() - MANY) + " more tasks, the last of which waits for " : "";
        String places = tasks.stream().limit(1 + MANY).map(TaskDeadlock::place).collect(Collectors.joining("\n"));
        return "Deadlock: " + name + " would wait for "
                + (others.isEmpty() ? "itself, through what it awaits" : way + more + name)
                + ". Only a cancellation from outside could end this: let one not wait for the other, acquire locks in the"
                + " same order everywhere, or wait with a timeout(…)\n" + places;
    }

    private static String place(LoopTask<?> task) {
        List<StackTraceElement> stack = task.stack();
        return "task " + task.name() + " awaits at " + (stack.isEmpty() ? "an unknown place" : stack.getFirst());
    }
}
