package dev.offloop;

/** Selects when {@link Async#waitOn} returns. */
public enum ReturnWhen {
    /** Returns when at least one future has ended: with a result, a failure or a cancellation. */
    FIRST_COMPLETED,

    /** Returns when at least one future has failed, or all have ended. A cancellation is not a failure here. */
    FIRST_EXCEPTION,

    /** Returns when all futures have ended. */
    ALL_COMPLETED
}
