package dev.offloop.process;

import org.jspecify.annotations.Nullable;

/**
 * Reports that no worker could be started for this call.
 *
 * <ul>
 *   <li>There is no such {@code java}, its arguments are wrong, or the system refuses another process or thread.
 *   <li>The {@linkplain ProcessPoolExecutor.Builder#initializer initializer} failed: the cause is what it threw.
 *   <li>A worker was not ready within {@link ProcessPoolExecutor.Builder#startTimeout}: the message says where the
 *       initializer was.
 *   <li>Workers ended before they were ready, three times in a row.
 * </ul>
 *
 * <p>The message has the command and, unless {@link WorkerOutput#inherited} is set, the last lines that the worker
 * printed. All calls that wait fail; calls in other workers go on. A later call tries again.
 */
public final class WorkerStartException extends ProcessCallException {

    private static final long serialVersionUID = 1;

    /**
     * Used by pools.
     *
     * @param message what happened
     * @param cause what the initializer or the system threw; null if there is no such thing
     */
    public WorkerStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
