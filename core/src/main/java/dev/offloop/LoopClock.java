package dev.offloop;

import dev.offloop.internal.engine.SystemClock;

/**
 * Gives a loop its time, and lets time pass while the loop is idle.
 *
 * <p>{@link #system()} is real time. A {@link VirtualClock} jumps to the next timer when nothing else can run.
 */
@FunctionalInterface
public interface LoopClock {

    /**
     * Returns the time, which never goes back. May be called from any thread.
     *
     * @return nanoseconds since a fixed but arbitrary origin
     */
    long nanoTime();

    /**
     * Lets time pass while nothing is ready, until the first timer is due or a message arrives.
     *
     * <p>Called on the loop's thread. The loop checks for work again afterwards, so returning early is harmless.
     *
     * @param loop the idle loop
     */
    default void idle(Idle loop) {
        loop.sleep(loop.untilNextTimer());
    }

    /**
     * Returns the clock of real time.
     *
     * @return the system clock
     */
    static LoopClock system() {
        return SystemClock.INSTANCE;
    }

    /** Gives a clock access to a loop that has nothing to run. */
    interface Idle {

        /**
         * Returns the time until the first timer is due.
         *
         * @return nanoseconds, or {@link Long#MAX_VALUE} if there is no timer
         */
        long untilNextTimer();

        /**
         * Returns whether the loop waits for offloaded functions or for stages that are completed outside it.
         *
         * @return true if such work is in progress
         */
        boolean workElsewhere();

        /**
         * Sleeps in real time until a message arrives or the time has passed.
         *
         * @param nanos the longest time to sleep, in nanoseconds
         * @return true if a message arrived
         */
        boolean sleep(long nanos);
    }
}
