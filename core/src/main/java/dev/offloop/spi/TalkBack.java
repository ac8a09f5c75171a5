package dev.offloop.spi;

import org.jspecify.annotations.Nullable;

/**
 * Lets a function that runs elsewhere communicate with its caller: what stands behind {@link dev.offloop.Offload} on a
 * thread. An executor of another kind provides one to its functions with {@link dev.offloop.Offload#within}.
 */
public interface TalkBack {

    /**
     * Ends the function if its call has been cancelled.
     *
     * @throws dev.offloop.CancelledError if it has
     */
    void checkCancelled();

    /**
     * Passes a value to the listener, if there is one.
     *
     * @param value the value
     */
    void progress(@Nullable Object value);
}
