package dev.offloop.process;

import java.time.Duration;

/**
 * Describes one worker at one moment.
 *
 * @param number the number of the worker in its pool, from 1 in the order of their start
 * @param pid the process id; -1 before there is a process
 * @param state what the worker does
 * @param callsDone how many calls the worker has answered
 * @param since for how long the worker has run its call, or has been idle; zero in the other states
 * @param index which of the workers that live at a time it is, as {@link WorkerContext#index} returns it in the worker;
 *     -1 before its process is launched
 */
public record WorkerStatus(long number, long pid, State state, int callsDone, Duration since, int index) {

    /** Says what a worker does. */
    public enum State {
        /** Its process starts, or runs the initializer. */
        STARTING,
        /** It is ready and has no call. */
        IDLE,
        /** It has a call, which it runs or is about to run, or whose result is being read. */
        BUSY,
        /** Its call was cancelled or has timed out, and has not ended yet. */
        CANCELLING,
        /** It was retired: its process gets no more calls, and was asked to end in good order. */
        RETIRING,
        /** Its process was killed, or has ended by itself, and the pool has not cleaned up after it yet. */
        KILLED
    }
}
