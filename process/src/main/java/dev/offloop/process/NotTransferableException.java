package dev.offloop.process;

import org.jspecify.annotations.Nullable;

/**
 * A function, its result or its exception cannot cross between the processes: it is not serializable, or cannot be read
 * on the other side. Only this call has failed. The message names the class, and the path of fields that leads to it.
 */
public final class NotTransferableException extends ProcessCallException {

    private static final long serialVersionUID = 1;

    /** For Offloop's own use. */
    public NotTransferableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
