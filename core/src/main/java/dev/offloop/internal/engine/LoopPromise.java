package dev.offloop.internal.engine;

import dev.offloop.Promise;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A future that is completed by hand. */
public final class LoopPromise<T extends @Nullable Object> extends LoopFuture<T> implements Promise<T> {

    public LoopPromise(Loop loop) {
        super(loop);
    }

    @Override
    public void setResult(T result) {
        loop.checkCurrent("loop.callSoonThreadsafe(() -> promise.setResult(…))");
        if (!succeed(result)) {
            throw alreadyDone();
        }
    }

    @Override
    public void setException(Throwable exception) {
        loop.checkCurrent("loop.callSoonThreadsafe(() -> promise.setException(…))");
        if (!fail(Objects.requireNonNull(exception, "exception"))) {
            throw alreadyDone();
        }
    }

    private IllegalStateException alreadyDone() {
        return new IllegalStateException(
                cancelled() ? "The promise was cancelled: ask done() first" : "The promise is completed already");
    }
}
