package dev.offloop.process;

import org.jspecify.annotations.Nullable;

/**
 * No worker process could be started for this call: there is no such {@code java}, its arguments are wrong, or the
 * system refuses another process. What the worker wrote to its error stream went to the parent's.
 */
public final class WorkerStartException extends ProcessCallException {

    private static final long serialVersionUID = 1;

    WorkerStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
