package dev.offloop.process;

import org.jspecify.annotations.Nullable;

/**
 * Reports that a call to a worker process failed for another reason than an exception of its function.
 *
 * <p>What the function throws fails the call as it is, with a {@link RemoteStackTrace} as its cause. The subclasses of
 * this class say what else can happen. {@link CallTimeoutException} is not among them, since it is a
 * {@link java.util.concurrent.TimeoutException}.
 */
public abstract sealed class ProcessCallException extends RuntimeException
        permits NotTransferableException, SessionEndedException, WorkerCrashedException, WorkerStartException {

    private static final long serialVersionUID = 1;

    ProcessCallException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
