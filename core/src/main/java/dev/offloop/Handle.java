package dev.offloop;

/**
 * A callback that was handed to the loop and can still be called off. Answers to {@code asyncio.Handle}.
 *
 * <p>{@link #cancel()} may be called from any thread; called off the loop, a callback that is just about to run may
 * still run.
 */
public interface Handle {

    /** Calls the callback off, if it has not run yet. Does nothing the second time. */
    void cancel();

    /** Whether {@link #cancel()} was called before the callback ran. */
    boolean cancelled();
}
