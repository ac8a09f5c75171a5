package dev.offloop.internal.engine;

import dev.offloop.Future;
import dev.offloop.internal.util.Durations;
import dev.offloop.internal.util.Sneaky;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Futures in the order in which they end. What one iterator has taken, no other returns: a second iterator goes on
 * where the first was left.
 */
public final class AsCompleted<T extends @Nullable Object> implements Iterable<Future<T>> {

    private final Loop loop;
    private final @Nullable Duration timeout;
    private final long deadline;
    private final ArrayDeque<Future<T>> ended = new ArrayDeque<>();
    private final List<SignalFuture> waiters = new ArrayList<>();
    private int left;

    @SuppressWarnings("unchecked") // a future only ever gives its T
    public AsCompleted(Loop loop, Collection<? extends Future<? extends T>> futures, @Nullable Duration timeout) {
        this.loop = loop;
        this.timeout = timeout;
        this.deadline = timeout == null ? Long.MAX_VALUE : loop.after(timeout);
        Set<Future<T>> distinct = new LinkedHashSet<>();
        for (Future<? extends T> future : futures) {
            distinct.add((Future<T>) future);
        }
        this.left = distinct.size();
        for (Future<T> future : distinct) {
            LoopFuture<T> adopted = loop.adopt(future);
            adopted.listen(_ -> add(future));
        }
    }

    private void add(Future<T> future) {
        ended.add(future);
        for (SignalFuture waiter : waiters) {
            waiter.give();
        }
        waiters.clear();
    }

    @Override
    public Iterator<Future<T>> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return left > 0;
            }

            @Override
            public Future<T> next() {
                return take();
            }
        };
    }

    private Future<T> take() {
        LoopTask<?> task = LoopTask.running("next");
        while (left > 0 && ended.isEmpty()) {
            awaitOne(task);
        }
        if (left == 0) {
            throw new NoSuchElementException("All futures have been taken");
        }
        left--;
        return ended.remove();
    }

    private void awaitOne(LoopTask<?> task) {
        if (timeout != null && deadline <= loop.now()) {
            throw new CompletionException(new TimeoutException(left + (left == 1 ? " future has" : " futures have")
                    + " not ended within " + Durations.inWords(timeout)));
        }
        var waiter = new SignalFuture(loop, "asCompleted(…)", () -> null);
        waiters.add(waiter);
        try {
            task.await(waiter, deadline);
        } catch (Exception e) {
            throw Sneaky.rethrow(e);
        } finally {
            waiters.remove(waiter);
        }
    }
}
