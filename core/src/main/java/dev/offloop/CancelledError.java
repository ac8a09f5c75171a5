package dev.offloop;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by an {@link Async#await await} when the task was cancelled, or when what it awaits was.
 *
 * <p>It is an {@link Error} so that {@code catch (Exception e)} does not swallow a cancellation by accident. Catch it
 * to clean up, then let it go on. Counterpart of {@code asyncio.CancelledError}, a {@code BaseException} there.
 */
public final class CancelledError extends Error {

    private static final long serialVersionUID = 1;

    /**
     * Creates an error with the given message.
     *
     * @param message the message given to {@code cancel}, or null
     */
    public CancelledError(@Nullable String message) {
        super(message);
    }

    CancelledError(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
