package dev.offloop.process;

import org.jspecify.annotations.Nullable;

/**
 * Reports that a function cannot run since the {@linkplain WorkerSession session} has ended, and its state with it. The
 * message says why.
 *
 * <ul>
 *   <li>Its worker process has ended: the message has the exit code or the signal, and the reason where the pool killed
 *       the process. A function that ran then failed with a {@link WorkerCrashedException}, which says more.
 *   <li>The state could not be made: the cause is the reason.
 * </ul>
 */
public final class SessionEndedException extends ProcessCallException {

    private static final long serialVersionUID = 1;

    /**
     * Used by pools.
     *
     * @param message what happened
     * @param cause why there is no state; null if a process has ended
     */
    public SessionEndedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
