package dev.offloop.process.internal.pool;

import dev.offloop.internal.util.Nanos;

/**
 * Watches whether a worker gives signs of life. A thread of its process counts up in the shared status whatever the
 * function does; a process that is stopped, swapped out or does nothing but collect garbage does not get to it.
 *
 * <p>What counts is how many checks in a row found no change, not how much time has passed: a parent that was stopped
 * itself has not checked.
 *
 * <p>Guarded by the pool's lock.
 */
final class Heartbeat {

    private static final int CHECKS = 8;

    private final long interval;
    private long nextCheck;
    private long seen;
    private int missed;

    Heartbeat(long timeout, long now) {
        this.interval = timeout / CHECKS;
        this.nextCheck = Nanos.after(now, timeout == Long.MAX_VALUE ? timeout : interval);
    }

    /** Checks, if it is time to. Returns whether the worker gave no sign of life for the whole timeout. */
    boolean isSilent(long beats, long now) {
        if (now >= nextCheck) {
            nextCheck = now + interval;
            missed = beats == seen ? missed + 1 : 0;
            seen = beats;
        }
        return missed >= CHECKS;
    }

    long nextCheck() {
        return nextCheck;
    }
}
