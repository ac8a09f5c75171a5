package dev.offloop;

import org.jspecify.annotations.Nullable;

/**
 * Raised at an {@link Async#await await} when the task was cancelled, or when what it awaits was.
 *
 * <p>It is an {@link Error} so that {@code catch (Exception e)} does not swallow a cancellation by accident. Catch it to
 * clean up, then let it go on. Answers to {@code asyncio.CancelledError}, a {@code BaseException} there.
 */
public final class CancelledError extends Error {

    private static final long serialVersionUID = 1;

    /** A cancellation with the text given to {@code cancel}, if any. */
    public CancelledError(@Nullable String message) {
        super(message);
    }

    CancelledError(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
