package dev.offloop;

/**
 * Cancels a callback that was passed to the loop.
 *
 * <p>{@link #cancel()} may be called from any thread; called from another thread than the loop's, a callback that is
 * about to run may still run.
 *
 * <p>Counterpart of {@code asyncio.Handle}.
 */
public interface Handle {

    /** Cancels the callback if it has not run yet. Does nothing the second time. */
    void cancel();

    /**
     * Returns whether {@link #cancel()} was called before the callback ran.
     *
     * @return true if the callback was cancelled
     */
    boolean cancelled();
}
