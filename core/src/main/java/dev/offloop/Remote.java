package dev.offloop;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Hands functions to a remote executor so that a refusal comes where every other failure does: in the future. */
final class Remote {

    private Remote() {}

    static <T extends @Nullable Object> CompletableFuture<T> submit(RemoteExecutor executor, Callable<T> function) {
        try {
            return executor.submit(function instanceof RemoteCallable<T> remote ? remote : function::call);
        } catch (RejectedExecutionException closed) {
            return CompletableFuture.failedFuture(closed);
        }
    }

    static CompletableFuture<@Nullable Void> submit(RemoteExecutor executor, RemoteCallable.Action action) {
        try {
            return executor.submit(action);
        } catch (RejectedExecutionException closed) {
            return CompletableFuture.failedFuture(closed);
        }
    }
}
