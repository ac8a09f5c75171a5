package dev.offloop.process;

import java.util.concurrent.TimeoutException;

/**
 * Reports that a call did not end within its {@linkplain CallOptions#timeout timeout}, or has used more processor time
 * than its {@linkplain CallOptions#cpuTime limit}.
 *
 * <ul>
 *   <li>The function was cancelled: its thread was interrupted, and its process killed if it had not ended after
 *       {@link ProcessPoolExecutor.Builder#cancelGrace}.
 *   <li>Other calls and workers are not affected.
 *   <li>The call is not repeated.
 * </ul>
 */
public final class CallTimeoutException extends TimeoutException {

    private static final long serialVersionUID = 1;

    private final String threadDump;
    private final boolean ofProcessor;

    /**
     * Used by pools.
     *
     * @param message what happened
     * @param threadDump where the threads of the worker were
     */
    public CallTimeoutException(String message, String threadDump) {
        this(message, threadDump, false);
    }

    /**
     * Used by pools.
     *
     * @param message what happened
     * @param threadDump where the threads of the worker were
     * @param ofProcessor whether it was processor time that was used up
     */
    public CallTimeoutException(String message, String threadDump, boolean ofProcessor) {
        super(message);
        this.threadDump = threadDump;
        this.ofProcessor = ofProcessor;
    }

    /**
     * Returns whether the call has used up its {@linkplain CallOptions#cpuTime processor time}.
     *
     * @return true if it has; false if it did not end within its timeout
     */
    public boolean isProcessorTime() {
        return ofProcessor;
    }

    /**
     * Returns the stack traces of the worker's threads at the time when the function was cancelled.
     *
     * @return the stack traces, that of the function's thread first; empty if the worker did not send any
     */
    public String threadDump() {
        return threadDump;
    }
}
