package dev.offloop;

import dev.offloop.internal.util.Sneaky;
import org.jspecify.annotations.Nullable;

/**
 * How a future ended: with a result, or with what it failed with. {@link Async#gatherOutcomes gatherOutcomes} returns
 * these, so that one failure does not hide the other results.
 *
 * <p>Answers to what {@code asyncio.gather(return_exceptions=True)} puts in its list.
 *
 * @param <T> the type of the result
 */
public sealed interface Outcome<T extends @Nullable Object> {

    /** Whether there is a result. */
    boolean succeeded();

    /** The result, or throws what the future failed with: the same object, or {@link CancelledError}. */
    T result() throws Exception;

    /** What the future failed with, a {@link CancelledError} if it was cancelled; null when it succeeded. */
    @Nullable
    Throwable exception();

    /**
     * An outcome with a result.
     *
     * @param result the result
     */
    record Success<T extends @Nullable Object>(T result) implements Outcome<T> {
        @Override
        public boolean succeeded() {
            return true;
        }

        @Override
        public @Nullable Throwable exception() {
            return null;
        }
    }

    /**
     * An outcome without a result.
     *
     * @param exception what was thrown
     */
    record Failure<T extends @Nullable Object>(Throwable exception) implements Outcome<T> {
        @Override
        public boolean succeeded() {
            return false;
        }

        @Override
        public T result() throws Exception {
            throw Sneaky.rethrow(exception);
        }
    }
}
