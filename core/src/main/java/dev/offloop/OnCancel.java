package dev.offloop;

/**
 * Selects what happens to an offloaded function that runs when its future is cancelled.
 *
 * <p>One that has not started never runs, whatever the policy. In all cases {@link Offload#checkCancelled()} throws in
 * the function, and a coroutine that it waits for in {@link Offload#call} is cancelled.
 *
 * <p>Is itself an {@link OffloadOptions}: {@code toThread(OnCancel.WAIT, () -> …)}.
 */
public enum OnCancel implements OffloadOptions {
    /**
     * Its thread is interrupted, and the future ends at once. The default: it frees threads that sleep or wait. Not for
     * code on an NIO channel or an embedded database that others use too, which an interrupt closes for them all.
     */
    INTERRUPT,

    /**
     * It goes on, and the future ends at once; the result is dropped. Its thread, and its place in a
     * {@link CapacityLimiter}, are free when it really ends.
     */
    ABANDON,

    /**
     * It goes on, and the future waits for it: it is cancelled when the function has returned, or fails with what the
     * function throws. For what must not be left half done, or uses things that are closed after the await.
     */
    WAIT;

    @Override
    public OnCancel onCancel() {
        return this;
    }
}
