package dev.offloop.process;

import org.jspecify.annotations.Nullable;

/**
 * A call to a worker process failed, and not because its function threw: what the function throws is raised as it is.
 * The subclasses say what happened.
 */
public abstract sealed class ProcessCallException extends RuntimeException
        permits NotTransferableException, WorkerCrashedException, WorkerStartException {

    private static final long serialVersionUID = 1;

    ProcessCallException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
