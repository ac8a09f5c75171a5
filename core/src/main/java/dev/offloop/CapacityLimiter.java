package dev.offloop;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An executor that runs at most so many functions at a time, on threads that it does not own: {@code
 * loop.runInExecutor(limiter, () -> …)}.
 *
 * <p>A function takes a <i>place</i> before it is handed on, in the order of arrival, and leaves it when it really ends,
 * however its future has ended before. {@code inside} holds the functions that have a place, {@code waiting} the others;
 * both are guarded by the lock, and nothing foreign is called under it.
 *
 * <ul>
 *   <li>May be shared by several loops, and used by plain threads.
 *   <li>The limit may be changed at any time. A lower one takes nothing from those that run.
 *   <li>Functions of one loop that wait for each other's places, by way of {@link Offload#call}, get an error instead of a
 *       deadlock, as far as that can be seen: through tasks, groups, gathers and shields, but not through stages that were
 *       derived with {@code thenApply} and the like, or completed by hand.
 *   <li>A function that still waits when its executor is shut down is refused by it.
 * </ul>
 *
 * <p>Answers to {@code anyio.CapacityLimiter}.
 */
public final class CapacityLimiter implements Executor {

    /**
     * What a limiter does at a moment.
     *
     * @param limit how many functions may run at a time
     * @param running how many have a place
     * @param waiting how many wait for one
     */
    public record Statistics(int limit, int running, int waiting) {}

    private final @Nullable Executor executor;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Runnable> inside = new LinkedHashSet<>();

    /** With the executor that each will run on. */
    private final LinkedHashMap<Runnable, Executor> waiting = new LinkedHashMap<>();

    private final ThreadLocal<@Nullable Boolean> admitting = new ThreadLocal<>();
    private int limit;

    /** A limiter on the default executor of the loop that uses it. */
    public CapacityLimiter(int limit) {
        this(limit, null);
    }

    /** A limiter on an executor. */
    public CapacityLimiter(int limit, @Nullable Executor executor) {
        if (executor instanceof RemoteExecutor) {
            throw new IllegalArgumentException("A CapacityLimiter is for executors in this JVM. A pool of processes has"
                    + " its own limit, maxWorkers");
        }
        this.limit = checked(limit);
        this.executor = executor;
    }

    private static int checked(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("The limit must be at least 1: " + limit);
        }
        return limit;
    }

    /** How many functions may run at a time. */
    public int limit() {
        return statistics().limit();
    }

    /** Changes the limit. More places go to those who wait longest; fewer are taken away as they become free. */
    public void setLimit(int limit) {
        checked(limit);
        lock.lock();
        try {
            this.limit = limit;
        } finally {
            lock.unlock();
        }
        admit();
    }

    /** What it does now. */
    public Statistics statistics() {
        lock.lock();
        try {
            return new Statistics(limit, inside.size(), waiting.size());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs a function when there is a place for it.
     *
     * @throws IllegalStateException if the limiter has no executor of its own, and this is not a task or callback of a loop
     */
    @Override
    public void execute(Runnable function) {
        Objects.requireNonNull(function, "function");
        Executor where = executor != null ? executor : defaultExecutor();
        if (function instanceof OffloadedCall<?> call) {
            call.takePlaceIn(this, where);
            enter(call, where);
            if (call.neverRuns()) { // it was called off meanwhile, maybe before it could leave this limiter too
                leave(call);
            }
        } else {
            enter(new Plain(this, function), where);
        }
    }

    private static Executor defaultExecutor() {
        EventLoop loop = EventLoop.currentOrNull();
        if (loop == null) {
            throw new IllegalStateException(
                    "A CapacityLimiter without an executor of its own can only be used on an event"
                            + " loop, by loop.runInExecutor(limiter, …). Elsewhere use new CapacityLimiter(limit, executor)");
        }
        return loop.defaultExecutor();
    }

    private void enter(Runnable function, Executor where) {
        lock.lock();
        try {
            if (inside.size() >= limit || !waiting.isEmpty()) {
                waiting.put(function, where);
                return;
            }
            inside.add(function);
        } finally {
            lock.unlock();
        }
        try {
            where.execute(function);
        } catch (Throwable t) {
            leave(function);
            throw t;
        }
    }

    /** Takes a function out that will not run, or has run. Its place goes to the one who waits longest. */
    void leave(Runnable function) {
        lock.lock();
        try {
            if (!inside.remove(function)) {
                waiting.remove(function);
                return;
            }
        } finally {
            lock.unlock();
        }
        admit();
    }

    private void admit() {
        if (admitting.get() != null) {
            return; // an executor ran a function inside execute(), and whoever admitted it will go on
        }
        admitting.set(true);
        try {
            for (var next = nextAdmitted(); next != null; next = nextAdmitted()) {
                Runnable function = next.getKey();
                try {
                    next.getValue().execute(function);
                } catch (Throwable t) { // its executor is full or closed
                    refused(function, t);
                }
            }
        } finally {
            admitting.remove();
        }
    }

    private Map.@Nullable Entry<Runnable, Executor> nextAdmitted() {
        lock.lock();
        try {
            var first = inside.size() < limit ? waiting.pollFirstEntry() : null;
            if (first != null) {
                inside.add(first.getKey());
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Told to the one who waits, if there is one; the thread that happens to be here is another's. */
    private void refused(Runnable function, Throwable why) {
        lock.lock();
        try {
            inside.remove(function);
        } finally {
            lock.unlock();
        }
        if (function instanceof OffloadedCall<?> call) {
            call.drop(why);
        } else {
            ErrorLog.error(ErrorContext.of("A function that waited for a place in a CapacityLimiter was refused", why));
        }
    }

    /** Whether a function waits for a place. */
    boolean isWaiting(Runnable function) {
        lock.lock();
        try {
            return waiting.containsKey(function);
        } finally {
            lock.unlock();
        }
    }

    /** Whether it has an executor of its own. */
    boolean hasExecutor() {
        return executor != null;
    }

    /** The functions that the others wait for; empty if a new one could start at once. */
    Collection<Runnable> occupants() {
        lock.lock();
        try {
            return inside.size() < limit ? List.of() : List.copyOf(inside);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        Statistics now = statistics();
        return "CapacityLimiter[limit=%d, running=%d, waiting=%d]".formatted(now.limit, now.running, now.waiting);
    }

    /** A function that is not a call of a loop. */
    private static final class Plain implements Runnable, Droppable {
        private final CapacityLimiter limiter;
        private final Runnable function;

        Plain(CapacityLimiter limiter, Runnable function) {
            this.limiter = limiter;
            this.function = function;
        }

        @Override
        public void drop(Throwable why) {
            limiter.leave(this);
        }

        @Override
        public void run() {
            try {
                function.run();
            } finally {
                limiter.leave(this);
            }
        }
    }
}
