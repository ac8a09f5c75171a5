package dev.offloop.internal.offload;

import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.Errors;
import dev.offloop.spi.Offloaded;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Admits functions to an executor for a {@link dev.offloop.CapacityLimiter}.
 *
 * <p>A function takes a place before it is handed on, in the order of arrival, and leaves it when it really ends, which
 * may be after its future has ended. {@code inside} holds the functions that have a place, {@code waiting} the others;
 * both are guarded by the lock, and no foreign code is called under it.
 */
public final class Places implements Occupied {

    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Runnable> inside = new LinkedHashSet<>();

    /** With the executor that each will run on. */
    private final LinkedHashMap<Runnable, Executor> waiting = new LinkedHashMap<>();

    private final ThreadLocal<@Nullable Boolean> admitting = new ThreadLocal<>();
    private int limit;

    public Places(int limit) {
        this.limit = limit;
    }

    public void setLimit(int limit) {
        lock.lock();
        try {
            this.limit = limit;
        } finally {
            lock.unlock();
        }
        admit();
    }

    /** Passes the limit, and how many functions run and wait, to a function. */
    public <R> R count(Counts<R> counts) {
        lock.lock();
        try {
            return counts.of(limit, inside.size(), waiting.size());
        } finally {
            lock.unlock();
        }
    }

    /** Takes the limit, the number of functions that run, and of those that wait. */
    @FunctionalInterface
    public interface Counts<R> {
        R of(int limit, int running, int waiting);
    }

    /** Runs a function on an executor as soon as there is a place for it. */
    public void execute(Runnable function, Executor where) {
        if (function instanceof OffloadedCall<?> call) {
            call.takePlaceIn(this, where);
            enter(call, where);
            if (call.endedWithoutRunning()) { // maybe before it could leave this limiter too
                leave(call);
            }
        } else {
            enter(new Plain(this, function), where);
        }
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

    /** Removes a function that has run, or will not. Its place goes to the one that has waited longest. */
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
            return; // an executor ran a function inside execute(): the loop below, further up the stack, goes on
        }
        admitting.set(true);
        try {
            for (var next = nextAdmitted(); next != null; next = nextAdmitted()) {
                Runnable function = next.getKey();
                try {
                    next.getValue().execute(function);
                } catch (Throwable t) { // its executor is full or closed
                    rejected(function, t);
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

    /** Fails the call that waits, if it is one: the thread here belongs to another call. */
    private void rejected(Runnable function, Throwable why) {
        lock.lock();
        try {
            inside.remove(function);
        } finally {
            lock.unlock();
        }
        if (function instanceof OffloadedCall<?> call) {
            boolean _ = call.completeExceptionally(why);
        } else {
            ErrorLog.error(Errors.of("A function that waited for a place in a CapacityLimiter was rejected", why));
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

    @Override
    public Collection<Runnable> occupants() {
        lock.lock();
        try {
            return inside.size() < limit ? List.of() : List.copyOf(inside);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return count("CapacityLimiter[limit=%d, running=%d, waiting=%d]"::formatted);
    }

    /** A function that is not a call of a loop. */
    private static final class Plain implements Offloaded {
        private final Places places;
        private final Runnable function;
        private final AtomicBoolean over = new AtomicBoolean();

        Plain(Places places, Runnable function) {
            this.places = places;
            this.function = function;
        }

        @Override
        public void run() {
            if (over.compareAndSet(false, true)) {
                try {
                    function.run();
                } finally {
                    places.leave(this);
                }
            }
        }

        @Override
        public boolean complete(@Nullable Object result) {
            boolean first = over.compareAndSet(false, true);
            if (first) {
                places.leave(this);
            }
            return first;
        }

        @Override
        public boolean completeExceptionally(Throwable thrown) {
            return complete(null);
        }

        @Override
        public boolean isOver() {
            return over.get();
        }

        @Override
        public void excludeFromClock() {
            // no clock waits for it
        }
    }
}
