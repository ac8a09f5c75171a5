package dev.offloop.process.internal.pool;

import dev.offloop.internal.monitor.RemoteWork;
import dev.offloop.internal.monitor.Site;
import dev.offloop.internal.util.Durations;
import dev.offloop.internal.util.Nanos;
import dev.offloop.process.CallOptions;
import dev.offloop.process.CallTimeoutException;
import dev.offloop.process.NotTransferableException;
import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameType;
import dev.offloop.process.internal.wire.Reading;
import dev.offloop.process.internal.wire.RemoteFailure;
import dev.offloop.process.internal.wire.Values;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RunnableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A function on its way through the pool, and the future of its result.
 *
 * <p>Where the call is, is guarded by the pool's lock. The future is completed without the lock, by whichever comes
 * first: the pool, or a user who cancels or completes it; later attempts have no effect.
 */
final class Call<T extends @Nullable Object> extends CompletableFuture<T> implements RunnableFuture<T>, RemoteWork {

    final CallOptions options;

    /** When it was submitted, on the platform's clock. */
    final long submitted;

    /** Where it was submitted; null if that is not known. */
    final @Nullable Site site;

    /** How long it took to write the function. */
    final long encodeNanos;

    /** How many bytes the function and what it has captured take. */
    final long size;

    private final Dispatcher dispatcher;
    private final byte @Nullable [] context;

    /** The function as bytes; null when the call has ended. */
    private volatile Values.@Nullable Written function;

    /** The function, if it may have shared memory, which must not be garbage while this has not ended. */
    @SuppressWarnings("UnusedVariable") // the reference is all that it is for
    private volatile @Nullable Object kept;

    // ---- guarded by the pool's lock

    /** Its place among all calls, from 1; 0 until it is admitted. */
    long id;

    /** The worker that it was given to; null while it waits. */
    @Nullable
    Worker worker;

    /** Its number among the calls of that worker. */
    long number;

    /** Whether the time that it waited was recorded. */
    boolean waitRecorded;

    /** How long it has waited. */
    long waited;

    /** Whether its time was over while it ran. */
    boolean timedOut;

    /** How much processor time it had used when that was more than it may; 0 if it was not. */
    long cpuUsed;

    /** Whether its function is to end, if a worker has begun it: a user has ended the call. */
    boolean interrupted;

    /** Ends with where its function is; null if nobody has asked. */
    @Nullable
    CompletableFuture<List<String>> sample;

    /** How many workers died while they ran this call. */
    int crashes;

    /** How many workers died with this call on its way to them. */
    int failedDeliveries;

    Call(
            long submitted,
            CallOptions options,
            Dispatcher dispatcher,
            Values.Written function,
            byte @Nullable [] context,
            @Nullable Site site,
            long encodeNanos) {
        this.submitted = submitted;
        this.site = site;
        this.encodeNanos = encodeNanos;
        this.options = options;
        this.dispatcher = dispatcher;
        this.function = function;
        this.context = context;
        byte[] body = function.body();
        this.size = function.bytes().length + (body == null ? 0L : body.length);
    }

    /** Returns what a worker is to be sent; null when the call has ended. */
    @Nullable
    Outgoing outgoing() {
        Values.Written function = this.function;
        return function == null ? null : new Outgoing(number, function, context);
    }

    /** Keeps its function from being garbage until it ends. Before it is admitted. */
    void keep(Object function) {
        kept = function;
    }

    /** How much processor time it may use, in nanoseconds. */
    long cpuLimit() {
        Duration limit = options.cpuTime();
        return limit == null ? Platform.NEVER : Nanos.of(limit);
    }

    /** Whether values that the function sends meanwhile have to be read. */
    boolean listens() {
        return options.progressListener() != null && !isDone();
    }

    // ---- for those who look at the program

    @Override
    public String place() {
        return dispatcher.placeOf(this);
    }

    @Override
    public CompletableFuture<List<String>> frames() {
        return dispatcher.sample(this);
    }

    // ---- ended by the pool

    /** What an answer says. */
    record Outcome(@Nullable Object value, @Nullable Throwable failure) {

        /** Of a call that has ended already: the answer was not even read. */
        static final Outcome UNWANTED = new Outcome(null, null);
    }

    /** Reads an answer. That may run foreign code, none of whose failures gets through. */
    static Outcome read(Frame answer, Reading reading) {
        try {
            return answer.type() == FrameType.RESULT
                    ? new Outcome(reading.of(answer), null)
                    : new Outcome(null, failureIn(answer, reading));
        } catch (NotTransferableException e) {
            return new Outcome(
                    null,
                    new NotTransferableException(
                            "The function's result cannot be read here: " + e.getMessage(), e.getCause()));
        } catch (Throwable t) {
            return new Outcome(null, t);
        }
    }

    private static Throwable failureIn(Frame answer, Reading reading) {
        return reading.of(answer) instanceof RemoteFailure failure
                ? failure.toThrowable(reading)
                : new NotTransferableException("a worker sent a failure that is none", null);
    }

    /** Ends with what its answer says. */
    @SuppressWarnings("unchecked") // the function that returned it was a RemoteCallable<T>
    void end(Outcome outcome) {
        Throwable failure = outcome.failure();
        if (failure != null) {
            failed(failure);
        } else {
            end();
            super.complete((T) outcome.value());
        }
    }

    void failed(Throwable thrown) {
        end();
        super.completeExceptionally(thrown);
    }

    /** Ends since its time was over, with a thread dump of its worker if there is one. */
    void failedInTime(long timeout, String dump) {
        boolean ofProcessor = cpuUsed > 0;
        String what = ofProcessor
                ? "The function has used " + Durations.inWords(cpuUsed) + " of processor time, may use "
                        + Durations.inWords(cpuLimit()) + " (see CallOptions.cpuTime), and was cancelled"
                : "The function did not end within " + Durations.inWords(timeout) + " and was cancelled";
        failed(new CallTimeoutException(
                what + (dump.isEmpty() ? "" : ". It was here:\n" + ThreadDumps.firstThreadOf(dump)),
                dump,
                ofProcessor));
    }

    /** Cancels the future; nothing of it is left in the pool. */
    void dropped() {
        end();
        super.cancel(false);
    }

    private void end() {
        function = null;
        kept = null;
    }

    // ---- ended by a user

    /**
     * Ended from outside, by {@code orTimeout} for one: the result is not wanted any more, so the function is
     * cancelled.
     */
    @Override
    public boolean completeExceptionally(Throwable thrown) {
        return endedFromOutside(super.completeExceptionally(thrown), true);
    }

    /** As {@link #completeExceptionally}. */
    @Override
    public boolean complete(T value) {
        return endedFromOutside(super.complete(value), true);
    }

    /** Cancels the call. One that waits never runs; one that runs is cancelled in its worker, if that is allowed. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return endedFromOutside(super.cancel(mayInterruptIfRunning), mayInterruptIfRunning);
    }

    private boolean endedFromOutside(boolean now, boolean mayInterrupt) {
        if (now) {
            end();
            dispatcher.cancelled(this, mayInterrupt);
        }
        return now;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }

    /** For callers who run what {@code shutdownNow()} returned: it was cancelled, so there is nothing to do. */
    @Override
    public void run() {}
}
