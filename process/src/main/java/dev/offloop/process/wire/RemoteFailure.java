package dev.offloop.process.wire;

import dev.offloop.process.NotTransferableException;
import dev.offloop.process.RemoteStackTrace;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a worker sends when a function threw. The exception travels as bytes of its own: if they cannot be read, the rest
 * still can, and says what happened.
 *
 * <p>A cause can be given to an exception only once, so the {@link RemoteStackTrace} takes the place of the cause while
 * the exception is written, and the cause itself, in bytes of its own again, becomes the cause of that.
 *
 * @param exception the exception, or null if it could not be written
 * @param cause its cause, or null if it has none or it could not be written
 * @param description its class and message
 * @param problem why it could not be written, or null
 * @param trace where it was thrown
 * @param origin the process, in words
 */
@SuppressWarnings("ArrayRecordComponent") // a message, never compared
public record RemoteFailure(
        byte @Nullable [] exception,
        byte @Nullable [] cause,
        String description,
        @Nullable String problem,
        StackTraceElement[] trace,
        String origin)
        implements Serializable {

    /** In the worker. */
    public static RemoteFailure of(Throwable thrown) {
        String origin = "thrown in worker process " + ProcessHandle.current().pid();
        StackTraceElement[] trace = thrown.getStackTrace();
        try {
            byte[] bytes = Marshal.writeThrowable(thrown, new RemoteStackTrace(origin, trace));
            return new RemoteFailure(bytes, writeCause(thrown.getCause()), describe(thrown), null, trace, origin);
        } catch (NotTransferableException e) {
            return new RemoteFailure(null, null, describe(thrown), e.getMessage(), trace, origin);
        }
    }

    private static byte @Nullable [] writeCause(@Nullable Throwable cause) {
        try {
            return cause == null ? null : Marshal.write(cause);
        } catch (NotTransferableException e) {
            return null;
        }
    }

    private static String describe(Throwable thrown) {
        try {
            return thrown.toString();
        } catch (RuntimeException e) {
            return thrown.getClass().getName();
        }
    }

    /** In the parent: the exception to raise. */
    public Throwable toThrowable(ClassLoader loader) {
        if (exception == null) {
            return notTransferable(problem, null);
        }
        try {
            if (!(Marshal.read(exception, loader) instanceof Throwable thrown)) {
                return notTransferable("it was written as something else", null);
            }
            if (thrown.getCause() instanceof RemoteStackTrace remote) {
                attachCause(remote, loader);
            } else {
                attach(thrown);
            }
            return thrown;
        } catch (NotTransferableException e) {
            return notTransferable(e.getMessage(), e.getCause());
        }
    }

    private void attachCause(RemoteStackTrace remote, ClassLoader loader) {
        try {
            if (cause != null && Marshal.read(cause, loader) instanceof Throwable original) {
                remote.initCause(original);
            }
        } catch (NotTransferableException e) {
            remote.addSuppressed(e);
        }
    }

    private void attach(Throwable thrown) {
        var remote = new RemoteStackTrace(origin, trace);
        try {
            thrown.initCause(remote);
        } catch (IllegalStateException causeIsFixed) {
            thrown.addSuppressed(remote); // it was made with the cause null, which is for ever
        }
    }

    private NotTransferableException notTransferable(@Nullable String why, @Nullable Throwable because) {
        var remote = new RemoteStackTrace(origin, trace);
        var e = new NotTransferableException(
                "The function threw " + description + ", which cannot be brought here: " + why, remote);
        if (because != null) {
            e.addSuppressed(because);
        }
        return e;
    }
}
