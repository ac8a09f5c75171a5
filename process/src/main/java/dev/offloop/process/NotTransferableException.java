package dev.offloop.process;

import org.jspecify.annotations.Nullable;

/**
 * Reports that a function, its result or its exception cannot be sent between the processes.
 *
 * <ul>
 *   <li>It is not serializable, or the other process cannot read it: the message names the class and the path of fields
 *       that leads to it. The worker goes on.
 *   <li>{@link ProcessPoolExecutor.Builder#resultFilter} rejects a class in it. The worker goes on.
 *   <li>It is larger than {@link ProcessPoolExecutor.Builder#maxResultSize}, or there is no memory for it: the message
 *       says so. The worker is killed ({@link WorkerEnd#PROTOCOL_ERROR}).
 *   <li>Only this call fails, in each case. The function may have run.
 * </ul>
 */
public final class NotTransferableException extends ProcessCallException {

    private static final long serialVersionUID = 1;

    /**
     * Used by pools.
     *
     * @param message what cannot be sent, and why
     * @param cause the error of serialization or of a codec; null if there is none
     */
    public NotTransferableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
