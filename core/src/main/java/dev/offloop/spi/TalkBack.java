package dev.offloop.spi;

import org.jspecify.annotations.Nullable;

/**
 * How a function that runs somewhere else talks back to whoever awaits it. What stands behind
 * {@link dev.offloop.Offload} on a thread; an executor of another kind gives its functions one with
 * {@link dev.offloop.Offload#within}.
 */
public interface TalkBack {

    /** Throws {@link dev.offloop.CancelledError} if nobody wants the result any more. */
    void checkCancelled();

    /** Hands a value to the listener, if there is one. */
    void progress(@Nullable Object value);
}
