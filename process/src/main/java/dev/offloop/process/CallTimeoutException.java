package dev.offloop.process;

import java.util.concurrent.TimeoutException;

/**
 * The function did not end in its time. It was interrupted, and its worker ended if that did not help; the other calls and
 * workers are not touched.
 */
public final class CallTimeoutException extends TimeoutException {

    private static final long serialVersionUID = 1;

    private final String threadDump;

    CallTimeoutException(String message, String threadDump) {
        super(message);
        this.threadDump = threadDump;
    }

    /** Where the worker's threads were, the function's first; empty if the worker could not answer any more. */
    public String threadDump() {
        return threadDump;
    }
}
