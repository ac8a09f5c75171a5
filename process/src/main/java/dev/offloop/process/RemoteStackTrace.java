package dev.offloop.process;

/**
 * Where in a worker process an exception was thrown: the cause of every exception that comes back from one. The cause
 * that the exception had there, if any, is the cause of this.
 *
 * <p>Answers to {@code concurrent.futures.process._RemoteTraceback}.
 */
public final class RemoteStackTrace extends Exception {

    private static final long serialVersionUID = 1;

    /** For Offloop's own use. */
    public RemoteStackTrace(String message, StackTraceElement[] trace) {
        super(message);
        setStackTrace(trace);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this; // the trace is the worker's
    }
}
