package dev.offloop.internal.offload;

import dev.offloop.Future;
import dev.offloop.OffloadOptions;
import dev.offloop.RemoteCallable;
import dev.offloop.RemoteExecutor;
import dev.offloop.internal.context.Context;
import dev.offloop.internal.engine.Callback;
import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.StageAdapter;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hands functions to a remote executor so that a refusal comes where every other failure does: in the future. */
final class RemoteCalls {

    private RemoteCalls() {}

    static <T extends @Nullable Object> Future<T> submit(
            Loop loop, RemoteExecutor executor, OffloadOptions options, Callable<T> function) {
        RemoteCallable<T> remote = function instanceof RemoteCallable<T> r ? r : function::call;
        Consumer<@Nullable Object> listener = options.progressListener();
        OnLoop onLoop = listener == null ? null : new OnLoop(loop, Context.Snapshot.take(), listener);
        CompletableFuture<T> result;
        try {
            result = onLoop == null ? executor.submit(remote) : executor.submit(remote, onLoop);
        } catch (RejectedExecutionException closed) {
            result = CompletableFuture.failedFuture(closed);
        }
        var future = new StageAdapter<>(loop, result, options.onCancel(), "a function in another process");
        if (onLoop != null) {
            onLoop.future = future;
        }
        return future;
    }

    /** Passes the progress of a function to the loop, while its result is wanted. */
    private static final class OnLoop implements Consumer<@Nullable Object> {
        private final Loop loop;
        private final Context.Snapshot context;
        private final Consumer<@Nullable Object> listener;

        /** Only used by the loop's thread, which is in {@link #submit} until it is set. */
        private @Nullable StageAdapter<?> future;

        OnLoop(Loop loop, Context.Snapshot context, Consumer<@Nullable Object> listener) {
            this.loop = loop;
            this.context = context;
            this.listener = listener;
        }

        @Override
        public void accept(@Nullable Object value) {
            loop.post(new Callback(loop, context, () -> {
                if (future != null && future.isWanted()) {
                    listener.accept(value);
                }
            }));
        }
    }
}
