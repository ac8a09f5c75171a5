package dev.offloop;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Hands functions to a remote executor so that a refusal comes where every other failure does: in the future. */
final class Remote {

    private Remote() {}

    static <T extends @Nullable Object> Future<T> submit(
            EventLoop loop, RemoteExecutor executor, OffloadOptions options, Callable<T> function) {
        RemoteCallable<T> remote = function instanceof RemoteCallable<T> r ? r : function::call;
        Consumer<@Nullable Object> listener = options.progressListener();
        CompletableFuture<T> result;
        try {
            result = listener == null
                    ? executor.submit(remote)
                    : executor.submit(remote, new OnLoop(loop, Context.Snapshot.take(), listener));
        } catch (RejectedExecutionException closed) {
            result = CompletableFuture.failedFuture(closed);
        }
        return new StageAdapter<>(loop, result, options.onCancel());
    }

    /** Brings what a function says to the loop. */
    private record OnLoop(EventLoop loop, Context.Snapshot context, Consumer<@Nullable Object> listener)
            implements Consumer<@Nullable Object> {

        @Override
        public void accept(@Nullable Object value) {
            loop.post(new Callback(loop, context, () -> listener.accept(value)));
        }
    }
}
