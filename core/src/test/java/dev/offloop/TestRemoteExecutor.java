package dev.offloop;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Never runs anything: the test says how a call ends. */
final class TestRemoteExecutor extends AbstractExecutorService implements RemoteExecutor {

    CompletableFuture<?> last = new CompletableFuture<>();
    Consumer<Object> listener = _ -> {};

    @Override
    public <T> CompletableFuture<T> submit(RemoteCallable<T> function) {
        var future = new CompletableFuture<T>();
        last = future;
        return future;
    }

    @Override
    public <T> CompletableFuture<T> submit(RemoteCallable<T> function, Consumer<Object> progressListener) {
        listener = progressListener;
        return submit(function);
    }

    @SuppressWarnings("unchecked")
    void complete(Object value) {
        ((CompletableFuture<Object>) last).complete(value);
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }

    @Override
    public void execute(Runnable command) {
        throw new UnsupportedOperationException();
    }
}
