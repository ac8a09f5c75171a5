package dev.offloop;

/** When {@link Async#waitOn} returns. */
public enum ReturnWhen {
    /** When one of the futures has ended, however. */
    FIRST_COMPLETED,

    /** When one of them has failed, or all have ended. A cancellation is no failure here. */
    FIRST_EXCEPTION,

    /** When all of them have ended. */
    ALL_COMPLETED
}
