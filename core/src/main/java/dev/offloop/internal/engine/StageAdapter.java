package dev.offloop.internal.engine;

import dev.offloop.Future;
import dev.offloop.OnCancel;
import dev.offloop.internal.monitor.RemoteWork;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Adapts a foreign stage, of a library, another pool or another loop, to a future of this loop. */
public final class StageAdapter<T extends @Nullable Object> extends LoopFuture<T> {

    private final CompletionStage<T> stage;
    private final OnCancel onCancel;
    private final String what;
    private boolean counted;
    private boolean cancelRequested;
    private @Nullable String cancelMessage;

    /** Adapts a stage, which {@code what} describes in reports. */
    public StageAdapter(Loop loop, CompletionStage<T> stage, OnCancel onCancel, String what) {
        super(loop);
        this.what = what;
        this.stage = stage;
        this.onCancel = onCancel;
        // A future of another loop calls back on that loop, which may be closed; its mirror needs no loop.
        CompletionStage<T> source = stage instanceof LoopFuture<T> other ? other.toCompletableFuture() : stage;
        if (source instanceof CompletableFuture<T> future && future.isDone()) {
            take(future);
        } else {
            counted = !(source instanceof Derived<?> derived && derived.loop == loop);
            if (counted) {
                loop.externalWork().begin();
            }
            source.whenComplete((value, thrown) -> loop.postEnd(() -> complete(value, thrown)));
        }
    }

    @Override
    public String what() {
        return what;
    }

    @Override
    public @Nullable RemoteWork remoteWork() {
        return stage instanceof RemoteWork remote ? remote : null;
    }

    @Override
    public String state() {
        return stage instanceof RemoteWork remote ? remote.place() : "";
    }

    /** Whether it was not cancelled. */
    public boolean isWanted() {
        return !cancelRequested && !cancelled();
    }

    private void complete(T value, @Nullable Throwable thrown) {
        if (cancelRequested && thrown == null) {
            endCancelled(cancelMessage);
        } else {
            endLike(value, thrown);
        }
    }

    @Override
    public void atEnd() {
        if (counted) {
            loop.externalWork().end();
        }
    }

    /** A stage that is done needs no trip through the inbox. */
    private void take(CompletableFuture<T> future) {
        switch (future.state()) {
            case SUCCESS -> succeed(future.resultNow());
            case FAILED -> fail(unwrapped(future.exceptionNow()));
            case CANCELLED -> endCancelled(null);
            case RUNNING -> throw new AssertionError("a done future is running");
        }
    }

    /** Cancels the stage as well, if it can and may be: work should not go on when its result is not wanted. */
    @Override
    public boolean cancelHere(@Nullable String message) {
        if (done()) {
            return false;
        }
        if (onCancel == OnCancel.WAIT) {
            cancelRequested = true;
            cancelMessage = message;
            return true;
        }
        endCancelled(message);
        if (onCancel == OnCancel.ABANDON) {
            return true;
        }
        try {
            if (stage instanceof Future<?> future) {
                future.cancel(message);
            } else {
                stage.toCompletableFuture().cancel(true);
            }
        } catch (UnsupportedOperationException | CompletionException cannotBeCancelled) {
            // the stage goes on; its end is ignored
        }
        return true;
    }
}
