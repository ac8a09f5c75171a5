package dev.offloop.internal.offload;

import dev.offloop.CancelledError;
import dev.offloop.CapacityLimiter;
import dev.offloop.Coroutine;
import dev.offloop.Offload;
import dev.offloop.OffloadOptions;
import dev.offloop.OnCancel;
import dev.offloop.internal.context.Context;
import dev.offloop.internal.engine.BoundFunction;
import dev.offloop.internal.engine.Callback;
import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.LoopFuture;
import dev.offloop.internal.engine.LoopTask;
import dev.offloop.internal.monitor.CallTiming;
import dev.offloop.internal.monitor.Gauge;
import dev.offloop.internal.monitor.Site;
import dev.offloop.internal.util.Errors;
import dev.offloop.internal.util.ThreadNames;
import dev.offloop.internal.util.UserCode;
import dev.offloop.internal.util.VarHandles;
import dev.offloop.spi.Offloaded;
import dev.offloop.spi.TalkBack;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a function on an executor's thread, and is the future of its result on the loop.
 *
 * <p><b>Who runs it.</b> {@code owner} decides all races by compare-and-set. It is null while the function waits. The
 * thread that puts itself there runs the function. A cancellation or a rejection that comes before puts
 * {@link #NOT_RUN} there, and the function never runs. A cancellation that finds a thread there and may interrupt it
 * puts {@link #INTERRUPTING} in its place meanwhile, and the thread does not leave the call before the interrupt has
 * been sent: it reaches this function or none, never the next one on the same thread.
 *
 * <p><b>Its end.</b> The thread computes ({@link #compute}), then delivers ({@link #deliver}) through the loop's inbox.
 * The default pool takes the two steps apart, so that a worker is idle again before the loop can know of its result.
 * The place in a {@link CapacityLimiter} is left by the thread that ends the call: the one that ran it, or that put
 * {@code NOT_RUN} there.
 *
 * <p><b>Talking back.</b> While it runs, the thread knows its call ({@link Offload}). A cancellation is kept in
 * {@code cancellation}, where the function can check it; it also cancels the task that the function waits for,
 * {@code calledBack}. One side writes the first and then reads the second, the other side the reverse, so one of them
 * sees both.
 */
public final class OffloadedCall<T extends @Nullable Object> extends LoopFuture<T>
        implements Offloaded, TalkBack, TwoStepJob {

    private static final Object INTERRUPTING = new Object();
    private static final Object OVER = new Object();
    private static final Object NOT_RUN = new Object();
    private static final VarHandle OWNER = VarHandles.find(MethodHandles.lookup(), "owner", Object.class);

    /** The pause between two attempts to deliver a result for which no memory is left. */
    private static final long RETRY_NANOS = 10_000_000;

    /** A request to end the call. */
    private record Cancellation(@Nullable String message) {}

    /** A place in a limiter, and the place in the limiter that passed the call on to it. */
    private record Place(Places places, @Nullable Place outer) {}

    private final OffloadedWork work;
    private final @Nullable Site site;
    private final @Nullable CallTiming timing;
    private final Context.Snapshot context = Context.Snapshot.take();
    private final OnCancel onCancel;
    private final @Nullable Consumer<@Nullable Object> progressListener;
    private Executor executor;
    private volatile @Nullable Place places;
    private @Nullable Callable<? extends T> function;
    private volatile @Nullable Object owner;
    private volatile @Nullable Cancellation cancellation;
    private volatile @Nullable LoopTask<?> calledBack;

    /** Whether the loop's clock waits for the call. On the loop's side. */
    private boolean counted;

    /** Written by the owner before it delivers, read on the loop after. */
    private @Nullable Object value;

    private @Nullable Throwable thrown;

    OffloadedCall(
            Loop loop, OffloadedWork work, Executor executor, OffloadOptions options, Callable<? extends T> function) {
        super(loop);
        Objects.requireNonNull(function, "function");
        this.work = work;
        this.site = work.sites().of(BoundFunction.given(function).getClass(), executor);
        this.timing = site == null ? null : site.begins();
        this.executor = executor;
        this.onCancel = options.onCancel();
        this.progressListener = options.progressListener();
        this.function = function;
    }

    /** Hands the call to its executor. */
    void start() {
        work.begin();
        counted = true;
        try {
            executor.execute(this);
        } catch (Throwable t) { // a full or closed executor; the function will not run
            reject(t);
        }
        if (!done() && executor instanceof ExecutorService) {
            work.watch(this);
        }
    }

    /**
     * Called by the limiter that was given as the executor: the call needs a place there before it may go to
     * {@code executor}.
     */
    void takePlaceIn(Places places, Executor executor) {
        this.places = new Place(places, this.places);
        this.executor = executor;
    }

    // ---- on the executor's thread

    @Override
    public void run() {
        if (compute()) {
            deliver();
        }
    }

    /** Runs the function, unless it was cancelled before, or is run already. */
    @Override
    public boolean compute() {
        Thread me = Thread.currentThread();
        Callable<? extends T> function = this.function;
        if (function == null || !OWNER.compareAndSet(this, null, me)) {
            return false;
        }
        CallTiming timing = this.timing;
        if (timing != null) {
            timing.starts();
        }
        try {
            value = Offload.within(this, () -> context.call(function));
        } catch (Throwable t) {
            thrown = t;
        } finally {
            if (timing != null) {
                timing.ends();
            }
            this.function = null; // the future may be kept for long; what the function captured need not be
        }
        if (!OWNER.compareAndSet(this, me, OVER)) {
            while (owner == INTERRUPTING) {
                Thread.onSpinWait(); // the loop is inside Thread.interrupt()
            }
            boolean _ = Thread.interrupted(); // it was meant for the function, which has ended
        }
        return true;
    }

    /** Brings the end to the loop. A task may await it, so a lack of memory for the message is no reason to give up. */
    @Override
    public void deliver() {
        try {
            leavePlaces();
        } finally {
            boolean delivered = false;
            while (!delivered) {
                try {
                    loop.postEnd(this::endOnLoop);
                    delivered = true;
                } catch (OutOfMemoryError e) {
                    LockSupport.parkNanos(RETRY_NANOS);
                }
            }
        }
    }

    private void leavePlaces() {
        for (Place place = places; place != null; place = place.outer) {
            place.places.leave(this);
        }
    }

    @Override
    public boolean complete(@Nullable Object result) {
        return endWithoutRunning(result, null);
    }

    @Override
    public boolean completeExceptionally(Throwable thrown) {
        return endWithoutRunning(null, Objects.requireNonNull(thrown, "thrown"));
    }

    private boolean endWithoutRunning(@Nullable Object result, @Nullable Throwable thrown) {
        if (!OWNER.compareAndSet(this, null, NOT_RUN)) {
            return false;
        }
        this.value = result;
        this.thrown = thrown;
        this.function = null;
        deliver();
        return true;
    }

    @Override
    public boolean isOver() {
        return owner != null;
    }

    /** Whether it was ended without running. The places that the call had at that moment have been left. */
    boolean endedWithoutRunning() {
        return owner == NOT_RUN;
    }

    @Override
    public void excludeFromClock() {
        loop.execute(this::countNoMore);
    }

    // ---- on the executor's thread, from the function

    @Override
    public void checkCancelled() {
        Cancellation cancellation = this.cancellation;
        if (cancellation != null) {
            throw new CancelledError(cancellation.message);
        }
    }

    @Override
    public void progress(@Nullable Object value) {
        Consumer<@Nullable Object> listener = progressListener;
        if (listener != null && cancellation == null) {
            var report = new Callback(loop, context, () -> listener.accept(value));
            loop.post(() -> {
                if (cancellation == null) {
                    report.run();
                }
            });
        }
    }

    /** Runs a coroutine on the loop and waits for it. */
    public <V extends @Nullable Object> V callBack(Coroutine<V> coroutine) throws Exception {
        var task = new LoopTask<V>(loop, null, coroutine);
        CompletableFuture<V> result = task.toCompletableFuture();
        calledBack = task;
        try {
            checkCancelled();
            if (loop.isClosing()) {
                throw new CancelledError("The event loop is closing");
            }
            loop.enlistFromOutside(task, () -> work.watchCallBack(this));
            awaitEnd(task, result);
            if (!task.done()) {
                throw new CancelledError("The event loop was closed");
            }
            return task.result();
        } finally {
            calledBack = null;
            loop.post(() -> work.callBackEnded(this));
        }
    }

    /**
     * An interrupt cancels the task; the one that goes with a cancellation of this call does not end the wait for it.
     */
    private void awaitEnd(LoopTask<?> task, CompletableFuture<?> end) throws InterruptedException {
        while (true) {
            try {
                end.get();
                return;
            } catch (ExecutionException | CancellationException failed) {
                return;
            } catch (InterruptedException e) {
                task.cancel("The thread that waits for it was interrupted");
                if (cancellation == null) {
                    throw e;
                }
            }
        }
    }

    // ---- on the loop

    @Override
    public String what() {
        return "an offloaded function";
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // only the function's result is put there, a T even when it is null
    private void endOnLoop() {
        Cancellation cancellation = this.cancellation;
        if (thrown instanceof CancelledError cancelled) {
            endCancelled(cancellation != null ? cancellation.message : cancelled.getMessage());
        } else if (thrown instanceof InterruptedException && loop.isClosing()) {
            endCancelled("The event loop is closing, and has interrupted the function");
        } else if (thrown != null) {
            fail(thrown);
        } else if (cancellation != null) {
            endCancelled(cancellation.message);
        } else {
            succeed((T) value);
        }
        if (timing != null && owner != NOT_RUN) {
            timing.delivered(thrown != null);
        }
        value = null;
        thrown = null;
    }

    @Override
    public void atEnd() {
        if (site != null) {
            site.ended();
        }
        countNoMore();
        work.forget(this);
    }

    private void countNoMore() {
        if (counted) {
            counted = false;
            work.end();
        }
    }

    @Override
    public boolean cancelHere(@Nullable String message) {
        if (done()) {
            return false;
        }
        if (cancellation == null) {
            cancellation = new Cancellation(message);
        }
        LoopTask<?> calledBack = this.calledBack;
        if (OWNER.compareAndSet(this, null, NOT_RUN)) {
            function = null; // the executor may keep this object in its queue for long
            leavePlaces();
            return endCancelled(message);
        }
        if (calledBack != null) {
            calledBack.cancelHere(message);
        }
        if (onCancel == OnCancel.WAIT) {
            return true;
        }
        interrupt();
        return endCancelled(message);
    }

    /** From any thread: interrupts the function if it runs and may be interrupted. */
    @Override
    public void interrupt() {
        if (onCancel == OnCancel.INTERRUPT
                && owner instanceof Thread thread
                && OWNER.compareAndSet(this, thread, INTERRUPTING)) {
            try {
                thread.interrupt();
            } catch (RuntimeException e) { // a subclass of Thread may throw
                loop.report(Errors.of("A thread could not be interrupted: " + ThreadNames.name(thread), e));
            } finally {
                owner = OVER;
            }
        }
    }

    /** Fails the call if it has not started. */
    void reject(Throwable why) {
        if (OWNER.compareAndSet(this, null, NOT_RUN)) {
            leavePlaces();
            fail(why);
        }
    }

    /** Rejects the call if its executor has terminated without having run it, as after {@code shutdownNow()}. */
    boolean rejectIfDropped() {
        if (executor instanceof ExecutorService service && service.isTerminated()) {
            reject(new RejectedExecutionException(
                    "The executor was shut down before the function could start: " + service));
        }
        return done();
    }

    /** The task that the function waits for. */
    @Nullable
    LoopFuture<?> calledBack() {
        return calledBack;
    }

    /** The functions that have to end before this one can start; null if it has a thread, empty if none is known. */
    @Nullable
    Collection<Runnable> occupants() {
        if (owner != null) {
            return null;
        }
        Places limiter = waitingIn();
        if (limiter != null) {
            return limiter.occupants();
        }
        return executor instanceof Occupied occupied ? occupied.occupants() : List.of();
    }

    @Override
    public String state() {
        if (owner instanceof Thread thread) {
            return "runs on " + ThreadNames.name(thread);
        }
        return owner == null ? "waits for a thread of " + Gauge.of(executor).name() : "has ended";
    }

    @Override
    public List<StackTraceElement> frames() {
        return owner instanceof Thread thread ? UserCode.of(thread.getStackTrace()) : List.of();
    }

    /** Where it waits, for messages. */
    String place() {
        Places limiter = waitingIn();
        return limiter != null ? limiter.toString() : "the default executor";
    }

    private @Nullable Places waitingIn() {
        for (Place place = places; place != null; place = place.outer) {
            if (place.places.isWaiting(this)) {
                return place.places;
            }
        }
        return null;
    }
}
