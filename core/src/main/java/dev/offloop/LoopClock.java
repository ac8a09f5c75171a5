package dev.offloop;

import dev.offloop.internal.engine.SystemClock;

/**
 * What a loop reads its time from, and how it lets time pass.
 *
 * <p>{@link #system()} is real time. A {@link VirtualClock} jumps to the next timer when nothing else can run.
 */
@FunctionalInterface
public interface LoopClock {

    /** The time in nanoseconds since some origin. It never goes back. May be asked from any thread. */
    long nanoTime();

    /**
     * Lets time pass, on the loop's thread, while nothing is ready: until the first timer is due or a message comes. The
     * loop looks around again after it, so returning early is harmless.
     */
    default void idle(Idle loop) {
        loop.sleep(loop.untilNextTimer());
    }

    /** Real time. */
    static LoopClock system() {
        return SystemClock.INSTANCE;
    }

    /** A loop that has nothing to run. */
    interface Idle {

        /** The nanoseconds until the first timer is due; {@link Long#MAX_VALUE} if there is none. */
        long untilNextTimer();

        /** Whether offloaded functions, or stages of others, are under way that the loop waits for. */
        boolean workElsewhere();

        /**
         * Sleeps in real time until a message comes.
         *
         * @param nanos how long at most
         * @return whether a message came
         */
        boolean sleep(long nanos);
    }
}
