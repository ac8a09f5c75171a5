package dev.offloop.process;

import java.time.Duration;

/**
 * One worker at a moment.
 *
 * @param number how many were started before it, and it
 * @param pid of its process; -1 before there is one
 * @param state what it does
 * @param callsDone how many calls it has answered
 * @param since for how long it has run its call, or had nothing to do; zero in the other states
 */
public record WorkerStatus(long number, long pid, State state, int callsDone, Duration since) {

    /** What a worker does. */
    public enum State {
        /** It is not ready for its first call. */
        STARTING,
        /** It has nothing to do. */
        IDLE,
        /** It runs a call. */
        BUSY,
        /** Its call was asked to end, and has not. */
        STOPPING,
        /** It gets no more calls; its process is about to end. */
        ENDING
    }
}
