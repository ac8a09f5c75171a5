package dev.offloop.internal.offload;

/**
 * Computes a result first and delivers it afterwards, so that a worker can be idle again before the result is known.
 */
interface TwoStepJob extends Runnable {

    /** Computes the result. Returns whether there is one to deliver. */
    boolean compute();

    /** Delivers what was computed. */
    void deliver();

    /** Interrupts {@link #compute} on another thread, if the job may be interrupted. */
    void interrupt();
}
