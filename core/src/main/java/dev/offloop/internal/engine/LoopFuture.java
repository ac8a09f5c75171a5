package dev.offloop.internal.engine;

import dev.offloop.CancelledError;
import dev.offloop.Future;
import dev.offloop.Outcome;
import dev.offloop.internal.context.Context;
import dev.offloop.internal.monitor.RemoteWork;
import dev.offloop.internal.util.Sneaky;
import dev.offloop.internal.util.UserCode;
import dev.offloop.internal.util.VarHandles;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What all futures of a loop have in common.
 *
 * <p>A future goes once from pending to an {@link End}, on the loop's side; other threads may read it. The state is
 * published with a release and read with an acquire, so looking costs nothing and sees a whole result. Listeners are
 * ours and run at once, on the loop, inside the call that ends the future, or right after the listener that made that
 * call (see {@link Endings}): they only move things to the ready queue or count. A user's callback becomes a listener
 * that puts it into the ready queue.
 */
public abstract class LoopFuture<T extends @Nullable Object> extends LoopStage<T> implements Future<T> {

    /** Notified once, on the loop's side, when a future has ended. */
    public interface Listener {
        void ended(LoopFuture<?> future);

        /** The future that may end when that one has ended, and not before, as far as is known. */
        default @Nullable LoopFuture<?> dependent() {
            return null;
        }
    }

    /** How a future ended. */
    private sealed interface End {
        record Result(@Nullable Object value) implements End {}

        record Failure(Throwable exception) implements End {}

        record Cancellation(@Nullable String message) implements End {}
    }

    private static final VarHandle END = VarHandles.find(MethodHandles.lookup(), "end", End.class);
    private static final End NULL_RESULT = new End.Result(null);

    public final Loop loop;

    /** Kept in debug mode. */
    private final @Nullable List<StackTraceElement> createdAt;

    @SuppressWarnings("unused") // through END
    private @Nullable End end;

    /** Null, one {@link Listener}, or a list of them: nearly all futures have one. */
    private @Nullable Object listeners;

    private boolean failureIgnored;

    /** Set while it has failed and the failure was not retrieved. */
    private volatile Unretrieved.@Nullable Note unretrieved;

    public LoopFuture(Loop loop) {
        this.loop = loop;
        this.createdAt = loop.debug() ? UserCode.here() : null;
    }

    private @Nullable End end() {
        return (End) END.getAcquire(this);
    }

    private End endOrThrow() {
        End end = end();
        if (end == null) {
            throw new IllegalStateException("The future is not done yet: await it, or ask done() first");
        }
        Unretrieved.Note note = unretrieved;
        if (note != null) {
            unretrieved = null;
            loop.unretrieved().retrieved(note);
        }
        return end;
    }

    @Override
    public final boolean done() {
        return end() != null;
    }

    @Override
    public final boolean cancelled() {
        return end() instanceof End.Cancellation;
    }

    @Override
    @SuppressWarnings("unchecked") // only a T is ever put into a Result
    public final T result() throws Exception {
        return switch (endOrThrow()) {
            case End.Result(Object value) -> (T) value;
            case End.Failure(Throwable exception) -> throw Sneaky.rethrow(exception);
            case End.Cancellation(String message) -> throw new CancelledError(message);
        };
    }

    @Override
    public final @Nullable Throwable exception() {
        return switch (endOrThrow()) {
            case End.Result _ -> null;
            case End.Failure(Throwable exception) -> exception;
            case End.Cancellation(String message) -> throw new CancelledError(message);
        };
    }

    /** Whether it ended with an exception. Does not retrieve it. */
    final boolean failed() {
        return end() instanceof End.Failure;
    }

    /** What it ended with, for code that wants a value for every case. */
    @SuppressWarnings("unchecked") // only a T is ever put into a Result
    public final Outcome<T> outcome() {
        return switch (endOrThrow()) {
            case End.Result(Object value) -> new Outcome.Success<>((T) value);
            case End.Failure(Throwable exception) -> new Outcome.Failure<>(exception);
            case End.Cancellation(String message) -> new Outcome.Failure<>(new CancelledError(message));
        };
    }

    /** A failure that is still to come will not be reported as never retrieved. On the loop's side. */
    public final void ignoreFailure() {
        failureIgnored = true;
    }

    /** The stack of its creation, empty unless in debug mode. */
    final List<StackTraceElement> createdAt() {
        return createdAt == null ? List.of() : createdAt;
    }

    /**
     * The futures whose end it waits for; null if anything else, or something unknown, can end it. On the loop's side.
     */
    @Nullable
    public Collection<? extends LoopFuture<?>> dependsOn() {
        return null;
    }

    /** Whether it takes the ends of all that it depends on to end it; else one may be enough. */
    public boolean needsAll() {
        return false;
    }

    /** What it does, in words that follow {@link #what}; empty if there is nothing to say. */
    public String state() {
        return "";
    }

    /** The user's frames where the work behind it is, innermost first. */
    public List<StackTraceElement> frames() {
        return List.of();
    }

    /** The work behind it in another process, if there is some. */
    public @Nullable RemoteWork remoteWork() {
        return null;
    }

    /** What it is, in a report. */
    public String what() {
        return "a future";
    }

    // ---- ending, on the loop's side

    public final boolean succeed(T value) {
        return endWith(value == null ? NULL_RESULT : new End.Result(value));
    }

    public final boolean fail(Throwable exception) {
        return endWith(new End.Failure(exception));
    }

    public final boolean endCancelled(@Nullable String message) {
        return endWith(new End.Cancellation(message));
    }

    private boolean endWith(End how) {
        if (done()) {
            return false;
        }
        if (how instanceof End.Failure(Throwable exception) && !failureIgnored) {
            unretrieved = loop.unretrieved().add(this, exception);
        }
        END.setRelease(this, how); // after the note: another thread may read it at once
        atEnd();
        Object toNotify = listeners;
        if (toNotify != null) {
            listeners = null;
            loop.endings().notify(this, toNotify);
        }
        return true;
    }

    /** Called once it has ended, before the listeners are. */
    public void atEnd() {}

    @Override
    public final boolean cancel(@Nullable String message) {
        if (loop.isCurrent()) {
            return cancelHere(message);
        }
        return !done() && loop.post(() -> cancelHere(message));
    }

    /** On the loop's side: cancels the work behind the future too, where there is some. */
    public boolean cancelHere(@Nullable String message) {
        return endCancelled(message);
    }

    // ---- listening, on the loop's side

    @SuppressWarnings("unchecked")
    public final void listen(Listener listener) {
        if (done()) {
            listener.ended(this);
        } else if (listeners == null) {
            listeners = listener;
        } else if (listeners instanceof List<?> many) {
            ((List<Object>) many).add(listener);
        } else {
            listeners = new ArrayList<>(List.of(listeners, listener));
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very listener
    public final void unlisten(Listener listener) {
        if (listeners == listener) {
            listeners = null;
        } else if (listeners instanceof List<?> many) {
            many.remove(listener);
        }
    }

    public final int listenerCount() {
        return listeners == null ? 0 : listeners instanceof List<?> many ? many.size() : 1;
    }

    /** Whether others of this loop are known to wait for it. Locks that a task holds do not count. */
    final boolean hasDependents() {
        return switch (listeners) {
            case null -> false;
            case Listener one -> one.dependent() != null;
            case Object _ -> dependents().hasNext();
        };
    }

    /** The only one that is known to wait for it; null if there is none, or may be several. */
    final @Nullable LoopFuture<?> onlyDependent() {
        return listeners instanceof Listener one ? one.dependent() : null;
    }

    /** Those that are known to wait for it, each of which depends on it. */
    final Iterator<LoopFuture<?>> dependents() {
        return switch (listeners) {
            case null -> Collections.emptyIterator();
            case List<?> many -> dependents(many.stream());
            case Object one -> dependents(Stream.of(one));
        };
    }

    private static Iterator<LoopFuture<?>> dependents(Stream<?> listeners) {
        return listeners
                .<LoopFuture<?>>mapMulti((listener, dependents) -> {
                    LoopFuture<?> dependent = ((Listener) listener).dependent();
                    if (dependent != null && dependent.dependsOn() != null) {
                        dependents.accept(dependent);
                    }
                })
                .iterator();
    }

    @Override
    public final void addDoneCallback(Consumer<? super Future<T>> callback) {
        var called = new Callback(loop, () -> callback.accept(this)); // in the context of the one who asks for it
        loop.execute(() -> listen(_ -> loop.scheduler().add(called)));
    }

    // ---- as a CompletionStage

    @Override
    public final CompletableFuture<T> toCompletableFuture() {
        var mirror = new Mirror();
        if (done()) {
            mirror.reflect();
        } else if (loop.isCurrent()) {
            listen(_ -> mirror.reflect());
        } else if (!loop.post(() -> listen(_ -> mirror.reflect()))) {
            mirror.cancelPermanently();
        }
        return mirror;
    }

    @Override
    final Executor loopExecutor() {
        Context.Snapshot context = Context.Snapshot.take();
        return action -> loop.execute(() -> context.run(action));
    }

    /** The future for other threads. Cancelling it asks the original, and shows when that has obeyed. */
    private final class Mirror extends CompletableFuture<T> {

        void reflect() {
            switch (outcome()) {
                case Outcome.Success<T>(T value) -> complete(value);
                case Outcome.Failure<T>(CancelledError e) ->
                    completeExceptionally(new CancellationException(e.getMessage()));
                case Outcome.Failure<T>(Throwable exception) -> completeExceptionally(exception);
            }
        }

        void cancelPermanently() {
            super.cancel(false);
        }

        @Override
        public T get() throws InterruptedException, ExecutionException {
            checkMayBlock(loop, this);
            return super.get();
        }

        @Override
        public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
            checkMayBlock(loop, this);
            return super.get(timeout, unit);
        }

        @Override
        public T join() {
            checkMayBlock(loop, this);
            return super.join();
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            LoopFuture.this.cancel("Cancelled through its CompletableFuture");
            return cancelled;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new Derived<>(loop);
        }
    }

    /** The loop that has to end a future must not block until it has. */
    static void checkMayBlock(Loop loop, CompletableFuture<?> future) {
        if (!future.isDone() && loop.isCurrent()) {
            throw new IllegalStateException(
                    "get() and join() would block the event loop that has to end this future, for"
                            + " ever: await(…) it in a task, or use thenAccept(…) in a callback");
        }
    }

    /** What was made of a future of a loop, by {@code thenApply} and the like. */
    static final class Derived<U> extends CompletableFuture<U> {
        public final Loop loop;

        private Derived(Loop loop) {
            this.loop = loop;
        }

        @Override
        public <V> CompletableFuture<V> newIncompleteFuture() {
            return new Derived<>(loop);
        }
    }

    /** What a foreign {@code CompletionStage} failed with, without the wrapping that stages add. */
    static Throwable unwrapped(Throwable t) {
        Throwable cause = t.getCause();
        return t instanceof CompletionException && cause != null ? cause : t;
    }

    /** Ends this future as a foreign stage has ended. On the loop's side. */
    public final void endLike(T value, @Nullable Throwable thrown) {
        Throwable failure = thrown == null ? null : unwrapped(thrown);
        switch (failure) {
            case null -> succeed(value);
            case CancellationException cancellation -> endCancelled(cancellation.getMessage());
            case CancelledError cancellation -> endCancelled(cancellation.getMessage());
            default -> fail(failure);
        }
    }
}
