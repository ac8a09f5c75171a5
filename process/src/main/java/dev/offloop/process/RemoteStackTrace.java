package dev.offloop.process;

/**
 * Shows where in a worker process an exception was thrown.
 *
 * <ul>
 *   <li>It is the cause of every exception that comes from a function in a worker. The cause that the exception had in
 *       the worker, if any, is the cause of this.
 *   <li>For an exception that accepts no cause, it is among the suppressed ones.
 *   <li>The message names the worker's process.
 * </ul>
 *
 * <p>Counterpart of {@code concurrent.futures.process._RemoteTraceback}.
 */
public final class RemoteStackTrace extends Exception {

    private static final long serialVersionUID = 1;

    /**
     * Used by pools.
     *
     * @param message where the exception was thrown, in words
     * @param trace the stack trace in the worker
     */
    public RemoteStackTrace(String message, StackTraceElement[] trace) {
        super(message);
        setStackTrace(trace);
    }

    /**
     * Returns this exception without a stack trace of this process: it has that of the worker.
     *
     * @return this exception
     */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this; // the trace is the worker's
    }
}
