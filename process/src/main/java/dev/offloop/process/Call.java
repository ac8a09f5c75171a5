package dev.offloop.process;

import dev.offloop.process.wire.Frame;
import dev.offloop.process.wire.Marshal;
import dev.offloop.process.wire.RemoteFailure;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RunnableFuture;
import org.jspecify.annotations.Nullable;

/** A function on its way through the pool, and the future of its result. */
final class Call<T extends @Nullable Object> extends CompletableFuture<T> implements RunnableFuture<T> {

    final long id;
    final CallOptions options;
    private final Dispatcher dispatcher;

    /** Whether its time was over and it was asked to end; guarded by the dispatcher's lock. */
    boolean timedOut;

    /** How often a worker died while it ran this call; guarded by the dispatcher's lock. */
    int crashes;

    /** How often a worker ended with this call on its way to it; guarded by the dispatcher's lock. */
    int unluckyWorkers;

    /** The function as bytes; let go of when the call has ended. */
    private volatile byte @Nullable [] function;

    Call(long id, CallOptions options, Dispatcher dispatcher, byte[] function) {
        this.id = id;
        this.options = options;
        this.dispatcher = dispatcher;
        this.function = function;
    }

    byte @Nullable [] function() {
        return function;
    }

    /** Ends with what a worker has sent. Reading it runs other people's code, none of which may get through. */
    @SuppressWarnings("unchecked") // the function that returned it was a RemoteCallable<T>
    void answered(Frame frame, ClassLoader loader) {
        try {
            switch (frame.type()) {
                case RESULT -> {
                    Object result = Marshal.read(frame.payload(), loader);
                    end();
                    complete((T) result);
                }
                case FAILURE -> {
                    var failure = (RemoteFailure) Objects.requireNonNull(Marshal.read(frame.payload(), loader));
                    failed(failure.toThrowable(loader));
                }
                default -> failed(new IllegalStateException("A worker sent a " + frame.type()));
            }
        } catch (NotTransferableException e) {
            failed(new NotTransferableException(
                    "The function's result cannot be read here: " + e.getMessage(), e.getCause()));
        } catch (Throwable t) {
            failed(t);
        }
    }

    void failed(Throwable thrown) {
        end();
        completeExceptionally(thrown);
    }

    /** Cancels the future without stopping anything. */
    void dropped() {
        end();
        super.cancel(false);
    }

    private void end() {
        function = null;
    }

    /**
     * Cancels the call. One that waits never runs; one that runs is stopped, by ending its worker, if that is allowed.
     */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            end();
            dispatcher.cancelled(this, mayInterruptIfRunning);
        }
        return cancelled;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }

    /** For those who run what {@code shutdownNow()} returned: it was cancelled, so there is nothing to do. */
    @Override
    public void run() {}
}
