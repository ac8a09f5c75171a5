package dev.offloop.internal.engine;

import dev.offloop.Future;
import dev.offloop.ReturnWhen;
import dev.offloop.Waited;
import dev.offloop.internal.util.Sneaky;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Waits for some of many futures, and leaves all of them as they are. */
public final class WaitOn<T extends @Nullable Object> implements LoopFuture.Listener {

    private final Map<Future<T>, LoopFuture<T>> futures = new LinkedHashMap<>();
    private final ReturnWhen when;
    private final SignalFuture enough;
    private boolean endsByItself;
    private int pending;

    @SuppressWarnings("unchecked") // a future only ever gives its T
    public WaitOn(Loop loop, Collection<? extends Future<? extends T>> given, ReturnWhen when) {
        if (given.isEmpty()) {
            throw new IllegalArgumentException("There is nothing to wait for: the collection of futures is empty");
        }
        this.when = when;
        this.enough = new SignalFuture(
                loop, "waitOn(…)", () -> endsByItself ? null : futures.values(), when == ReturnWhen.ALL_COMPLETED);
        given.forEach(future -> futures.put((Future<T>) future, loop.adopt(future)));
        this.pending = futures.size();
    }

    /** Waits on behalf of the task, until {@code deadline} on the loop's clock. */
    public Waited<T> await(LoopTask<?> task, long deadline) {
        endsByItself = deadline != Long.MAX_VALUE;
        try {
            futures.values().forEach(future -> future.listen(this));
            task.await(enough, deadline);
        } catch (Exception e) { // a signal has no failure: a deadlock, or an await where none is possible
            throw Sneaky.rethrow(e);
        } finally {
            futures.values().forEach(future -> future.unlisten(this));
        }
        Set<Future<T>> done = new LinkedHashSet<>();
        Set<Future<T>> left = new LinkedHashSet<>();
        futures.forEach((given, future) -> (future.done() ? done : left).add(given));
        return new Waited<>(done, left);
    }

    @Override
    public LoopFuture<?> dependent() {
        return enough;
    }

    @Override
    public void ended(LoopFuture<?> future) {
        pending--;
        boolean isEnough = switch (when) {
            case FIRST_COMPLETED -> true;
            case FIRST_EXCEPTION -> pending == 0 || (!future.cancelled() && future.exception() != null);
            case ALL_COMPLETED -> pending == 0;
        };
        if (isEnough) {
            enough.give();
        }
    }
}
