package dev.offloop;

import dev.offloop.internal.util.Sneaky;
import org.jspecify.annotations.Nullable;

/**
 * Describes how a future ended: with a result or with a failure. {@link Async#gatherOutcomes gatherOutcomes} returns
 * these, so that one failure does not hide the other results.
 *
 * <p>Counterpart of what {@code asyncio.gather(return_exceptions=True)} puts in its list.
 *
 * @param <T> the type of the result
 */
public sealed interface Outcome<T extends @Nullable Object> {

    /**
     * Returns whether the future has a result.
     *
     * @return true if it succeeded, false if it failed or was cancelled
     */
    boolean succeeded();

    /**
     * Returns the result, or throws the failure of the future.
     *
     * @return the result
     * @throws Exception the failure of the future: the same object
     * @throws CancelledError if the future was cancelled
     */
    T result() throws Exception;

    /**
     * Returns the failure of the future.
     *
     * @return the failure, a {@link CancelledError} if the future was cancelled, or null if it succeeded
     */
    @Nullable
    Throwable exception();

    /**
     * Holds the result of a future that succeeded.
     *
     * @param result the result
     * @param <T> the type of the result
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
     * Holds the failure of a future that failed or was cancelled.
     *
     * @param exception the failure, a {@link CancelledError} if the future was cancelled
     * @param <T> the type of the result
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
