package dev.offloop.process;

import dev.offloop.RemoteCallable;
import dev.offloop.RemoteFunction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Returns results in the order of their inputs, which it takes a bounded number of calls ahead. For one thread at a
 * time.
 *
 * @param <A> the inputs
 * @param <R> the results
 */
final class MapIterator<A extends @Nullable Object, R extends @Nullable Object> implements Iterator<R> {

    private final ProcessPoolExecutor pool;
    private final MapOptions options;
    private final RemoteFunction<? super A, ? extends R> function;
    private final Iterator<? extends A> inputs;
    private final ArrayDeque<CompletableFuture<List<R>>> underWay = new ArrayDeque<>();
    private List<A> taken = new ArrayList<>();
    private Iterator<R> chunk = Collections.emptyIterator();
    private boolean closed;

    MapIterator(
            ProcessPoolExecutor pool,
            MapOptions options,
            RemoteFunction<? super A, ? extends R> function,
            Iterator<? extends A> inputs) {
        this.pool = pool;
        this.options = options;
        this.function = function;
        this.inputs = inputs;
    }

    Stream<R> stream() {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED), false)
                .onClose(this::close);
    }

    private void close() {
        closed = true;
        underWay.forEach(call -> call.cancel(true));
        underWay.clear();
    }

    @Override
    public boolean hasNext() {
        while (!chunk.hasNext()) {
            submitMore();
            CompletableFuture<List<R>> next = underWay.poll();
            if (next == null) {
                return false;
            }
            submitMore(); // before the wait, so that no worker is idle meanwhile
            chunk = resultOf(next).iterator();
        }
        return true;
    }

    @Override
    public R next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return chunk.next();
    }

    private void submitMore() {
        while (!closed && underWay.size() < options.ahead() && (!taken.isEmpty() || inputs.hasNext())) {
            while (taken.size() < options.chunkSize() && inputs.hasNext()) {
                taken.add(inputs.next());
            }
            try {
                underWay.add(pool.submit(applied(function, taken)));
            } catch (RejectedExecutionException full) {
                if (underWay.isEmpty() || pool.isShutdown()) {
                    throw full;
                }
                return; // there will be room when one of ours has ended
            }
            taken = new ArrayList<>();
        }
    }

    /**
     * Returns the call for a chunk of inputs. Static, so that what is sent has no reference to this.
     *
     * @param <A> the inputs
     * @param <R> the results
     * @param function what is called for each input
     * @param inputs the chunk
     * @return the call
     */
    @SuppressWarnings("NullAway") // a function of any A takes an A
    private static <A extends @Nullable Object, R extends @Nullable Object> RemoteCallable<List<R>> applied(
            RemoteFunction<? super A, ? extends R> function, List<A> inputs) {
        return () -> {
            RemoteFunction<? super A, ? extends R> each =
                    function; // captured first: the worker names its thread after it
            List<R> results = new ArrayList<>(inputs.size());
            for (A input : inputs) {
                results.add(each.apply(input));
            }
            return results;
        };
    }

    private List<R> resultOf(CompletableFuture<List<R>> call) {
        boolean ended = false;
        try {
            List<R> results = Waits.resultOf(call);
            ended = true;
            return results;
        } finally {
            if (!ended) {
                close();
            }
        }
    }
}
