package dev.offloop.process;

import java.util.ArrayList;
import java.util.Collection;
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

/** {@code invokeAll} and {@code invokeAny}, as {@code ExecutorService} defines them. */
final class Invocations {

    private Invocations() {}

    static <T extends @Nullable Object> List<Future<T>> all(
            ProcessPoolExecutor pool, Collection<? extends Callable<T>> functions, long nanos)
            throws InterruptedException {
        List<Future<T>> futures = new ArrayList<>();
        boolean done = false;
        try {
            for (Callable<T> function : functions) {
                futures.add(pool.submit(function));
            }
            awaitAll(futures, nanos);
            done = true;
            return futures;
        } catch (TimeoutException e) {
            return futures; // those not done are cancelled, and show it
        } finally {
            if (!done) {
                futures.forEach(future -> future.cancel(true));
            }
        }
    }

    private static void awaitAll(List<? extends Future<?>> futures, long nanos)
            throws InterruptedException, TimeoutException {
        long start = System.nanoTime();
        for (Future<?> future : futures) {
            try {
                future.get(nanos - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
            } catch (ExecutionException | CancellationException e) {
                // it is done, which is all that counts here
            }
        }
    }

    static <T extends @Nullable Object> T any(
            ProcessPoolExecutor pool, Collection<? extends Callable<T>> functions, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (functions.isEmpty()) {
            throw new IllegalArgumentException("invokeAny needs at least one function");
        }
        var ended = new LinkedBlockingQueue<CompletableFuture<T>>();
        List<CompletableFuture<T>> futures = new ArrayList<>();
        try {
            for (Callable<T> function : functions) {
                CompletableFuture<T> future = pool.submit(function);
                futures.add(future);
                var _ = future.whenComplete((_, _) -> ended.add(future));
            }
            return firstSuccess(ended, futures.size(), nanos);
        } finally {
            futures.forEach(future -> future.cancel(true));
        }
    }

    private static <T extends @Nullable Object> T firstSuccess(
            LinkedBlockingQueue<CompletableFuture<T>> ended, int count, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        long start = System.nanoTime();
        ExecutionException last = null;
        for (int i = 0; i < count; i++) {
            CompletableFuture<T> future = ended.poll(nanos - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
            if (future == null) {
                throw new TimeoutException("No function has succeeded in time");
            }
            try {
                return future.get();
            } catch (ExecutionException e) {
                last = e;
            } catch (CancellationException e) {
                last = new ExecutionException(e);
            }
        }
        throw last != null ? last : new ExecutionException(new IllegalStateException("no function"));
    }
}
