package dev.offloop.process;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Implements {@code invokeAll} and {@code invokeAny} as {@code ExecutorService} defines them. */
final class Invocations {

    /** How soon a success is noticed while there is no room for the next function, in nanoseconds. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private Invocations() {}

    /**
     * Submits all functions and waits for them.
     *
     * @param <T> what the functions return
     * @param pool runs the functions
     * @param functions what to run
     * @param until when the wait ends, on the clock of {@code System.nanoTime()}; {@link Long#MAX_VALUE} for never
     * @return the futures, in the order of the functions, all of them done
     * @throws InterruptedException if the calling thread is interrupted; all calls are cancelled
     */
    static <T extends @Nullable Object> List<Future<T>> all(
            ProcessPoolExecutor pool, Collection<? extends Callable<T>> functions, long until)
            throws InterruptedException {
        List<Future<T>> futures = new ArrayList<>();
        boolean done = false;
        try {
            for (Callable<T> function : functions) {
                CompletableFuture<T> future = pool.submitUntil(function, until);
                futures.add(future != null ? future : new CompletableFuture<>());
            }
            awaitAll(futures, until);
            done = true;
            return futures;
        } catch (TimeoutException e) {
            return futures; // those that are not done are cancelled below
        } finally {
            if (!done) {
                futures.forEach(future -> future.cancel(true));
            }
        }
    }

    private static void awaitAll(List<? extends Future<?>> futures, long until)
            throws InterruptedException, TimeoutException {
        for (Future<?> future : futures) {
            try {
                future.get(left(until), TimeUnit.NANOSECONDS);
            } catch (ExecutionException | CancellationException e) {
                // it is done, which is all that counts here
            }
        }
    }

    /** How long it is until then. */
    static long left(long until) {
        return until == Long.MAX_VALUE ? until : until - System.nanoTime();
    }

    /**
     * Submits functions until one of them succeeds, and cancels the others.
     *
     * @param <T> what the functions return
     * @param pool runs the functions
     * @param functions what to run; at least one
     * @param until when the wait ends, on the clock of {@code System.nanoTime()}; {@link Long#MAX_VALUE} for never
     * @return what the first function that succeeded has returned
     * @throws InterruptedException if the calling thread is interrupted; all calls are cancelled
     * @throws ExecutionException if no function succeeds
     * @throws TimeoutException if no function succeeds in time
     */
    static <T extends @Nullable Object> T any(
            ProcessPoolExecutor pool, Collection<? extends Callable<T>> functions, long until)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (functions.isEmpty()) {
            throw new IllegalArgumentException("invokeAny needs at least one function");
        }
        var ended = new LinkedBlockingQueue<CompletableFuture<T>>();
        List<CompletableFuture<T>> futures = new ArrayList<>();
        try {
            Iterator<? extends Callable<T>> rest = functions.iterator();
            Callable<T> next = rest.next();
            ExecutionException last = null;
            for (int failed = 0; next != null || failed < futures.size(); ) {
                if (next != null) {
                    CompletableFuture<T> future =
                            pool.submitUntil(next, Math.min(until, System.nanoTime() + LOOK_NANOS));
                    if (future != null) {
                        futures.add(future);
                        var _ = future.whenComplete((_, _) -> ended.add(future));
                        next = rest.hasNext() ? rest.next() : null;
                    }
                }
                // One of those that were submitted may have succeeded while the next one waits for room.
                CompletableFuture<T> first = ended.poll(next == null ? left(until) : 0, TimeUnit.NANOSECONDS);
                if (first != null) {
                    try {
                        return first.get();
                    } catch (ExecutionException e) {
                        last = e;
                    } catch (CancellationException e) {
                        last = new ExecutionException(e);
                    }
                    failed++;
                } else if (left(until) <= 0) {
                    throw new TimeoutException("No function has succeeded in time");
                }
            }
            throw last != null ? last : new ExecutionException(new IllegalStateException("no function"));
        } finally {
            futures.forEach(future -> future.cancel(true));
        }
    }
}
