package dev.offloop.process;

import dev.offloop.process.wire.Frame;
import dev.offloop.process.wire.Reading;
import dev.offloop.process.wire.RemoteFailure;
import dev.offloop.process.wire.Values;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RunnableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A function on its way through the pool, and the future of its result. */
final class Call<T extends @Nullable Object> extends CompletableFuture<T> implements RunnableFuture<T> {

    final long id;
    final CallOptions options;

    /** On the clock of {@code System.nanoTime()}. */
    final long submitted;

    /** Whether the time that it waited was recorded; guarded by the dispatcher's lock. */
    boolean waitRecorded;

    private final Dispatcher dispatcher;

    /** Its number in the pipeline of the worker that it was given to last; guarded by the dispatcher's lock. */
    volatile long number;

    /** Whether its time was over and it was asked to end; guarded by the dispatcher's lock. */
    boolean timedOut;

    /** How often a worker died while it ran this call; guarded by the dispatcher's lock. */
    int crashes;

    /** Done when the listener has heard all that came so far. Only used by the I/O thread. */
    private CompletableFuture<?> told = CompletableFuture.completedFuture(true);

    /** How often a worker ended with this call on its way to it; guarded by the dispatcher's lock. */
    int unluckyWorkers;

    /** The function as bytes; let go of when the call has ended. */
    private volatile Values.@Nullable Written function;

    private final byte @Nullable [] context;

    Call(
            long id,
            long submitted,
            CallOptions options,
            Dispatcher dispatcher,
            Values.Written function,
            byte @Nullable [] context) {
        this.id = id;
        this.submitted = submitted;
        this.options = options;
        this.dispatcher = dispatcher;
        this.function = function;
        this.context = context;
    }

    /** What a worker is to be sent; null when the call has ended. */
    @Nullable
    Outgoing outgoing() {
        Values.Written function = this.function;
        return function == null ? null : new Outgoing(number, function, context);
    }

    /** Hands a value to the listener, after those that came before it. */
    void progress(Frame frame, Reading reading) {
        Consumer<@Nullable Object> listener = options.progressListener();
        if (listener != null && !isDone()) {
            told = told.thenRunAsync(() -> tell(listener, frame, reading));
        }
    }

    private void tell(Consumer<@Nullable Object> listener, Frame frame, Reading reading) {
        try {
            if (!isDone()) {
                listener.accept(reading.of(frame));
            }
        } catch (Throwable e) { // the user's; the call goes on
            Log.OFFLOOP.log(System.Logger.Level.ERROR, "A listener to a function's progress failed", e);
        }
    }

    /** Ends when the listener has heard all, with what a worker has sent. */
    void answered(Frame frame, Reading reading) {
        if (told.isDone()) {
            take(frame, reading);
        } else {
            told = told.thenRun(() -> take(frame, reading));
        }
    }

    /** Ends with what a worker has sent. Reading it runs other people's code, none of which may get through. */
    @SuppressWarnings("unchecked") // the function that returned it was a RemoteCallable<T>
    private void take(Frame frame, Reading reading) {
        try {
            switch (frame.type()) {
                case RESULT -> {
                    Object result = reading.of(frame);
                    end();
                    super.complete((T) result);
                }
                case FAILURE -> {
                    var failure = (RemoteFailure) Objects.requireNonNull(reading.of(frame));
                    failed(failure.toThrowable(reading));
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
        super.completeExceptionally(thrown);
    }

    /** Cancels the future without stopping anything. */
    void dropped() {
        end();
        super.cancel(false);
    }

    private void end() {
        function = null;
    }

    /** Ended by somebody else, {@code orTimeout} for one: then nobody wants the result, and it is stopped too. */
    @Override
    public boolean completeExceptionally(Throwable thrown) {
        return endedFromOutside(super.completeExceptionally(thrown));
    }

    /** As {@link #completeExceptionally}. */
    @Override
    public boolean complete(T value) {
        return endedFromOutside(super.complete(value));
    }

    private boolean endedFromOutside(boolean now) {
        if (now) {
            end();
            dispatcher.cancelled(this, true);
        }
        return now;
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
