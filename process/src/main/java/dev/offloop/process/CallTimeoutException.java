package dev.offloop.process;

import java.util.concurrent.TimeoutException;

/**
 * Reports that a call did not end within its {@linkplain CallOptions#timeout timeout}.
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

    /**
     * Used by pools.
     *
     * @param message what happened
     * @param threadDump where the threads of the worker were
     */
    public CallTimeoutException(String message, String threadDump) {
        super(message);
        this.threadDump = threadDump;
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
