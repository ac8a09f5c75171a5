package dev.offloop.process;

/**
 * Whether a worker gives signs of life. A thread of its process counts up in the {@link dev.offloop.process.wire.WorkerNote note}
 * whatever the function does; a process that is stopped, swapped out or at nothing but collecting garbage does not come to it.
 *
 * <p>What counts is how often in a row nothing had changed, not for how long: a parent that was stopped itself has not looked.
 *
 * <p>Guarded by the dispatcher's lock.
 */
final class Heartbeat {

    private static final int LOOKS = 8;

    private final long between;
    private long nextLook;
    private long seen;
    private int missed;

    Heartbeat(long timeout, long now) {
        this.between = timeout / LOOKS;
        this.nextLook = Durations.after(now, timeout == Long.MAX_VALUE ? timeout : between);
    }

    /** Looks, if it is time to. True if there was no sign for too long. */
    boolean isSilent(long beat, long now) {
        if (now >= nextLook) {
            nextLook = now + between;
            missed = beat == seen ? missed + 1 : 0;
            seen = beat;
        }
        return missed >= LOOKS;
    }

    long nextLook() {
        return nextLook;
    }
}
