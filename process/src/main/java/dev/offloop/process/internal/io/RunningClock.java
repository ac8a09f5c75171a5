package dev.offloop.process.internal.io;

/**
 * A clock that stands still while this process does, as far as that is noticed.
 *
 * <p>The thread that keeps the time says when it meant to wake up. If it wakes up much later, this process was stopped,
 * or the machine was too busy to run it, and that time does not count: workers, who were not stopped, must not be late
 * for it.
 */
final class RunningClock {

    /** To wake up later than this is no accident of scheduling. */
    private static final long TOLERANCE_NANOS = 50_000_000;

    /** Written by the timekeeper's thread only. */
    private volatile long stopped;

    long now() {
        return System.nanoTime() - stopped;
    }

    /** The timekeeper runs, and meant to at this time at the latest. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void ranAgain(long planned) {
        long late = now() - planned;
        if (late > TOLERANCE_NANOS) {
            stopped += late;
        }
    }
}
