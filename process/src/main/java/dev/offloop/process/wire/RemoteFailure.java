package dev.offloop.process.wire;

import dev.offloop.process.NotTransferableException;
import dev.offloop.process.RemoteStackTrace;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a worker sends when a function threw. The exception travels as bytes of its own: if they cannot be read, the rest
 * still can, and says what happened.
 *
 * <p>A cause can be given to an exception only once. So one that has a cause is written a second time, with the {@link
 * RemoteStackTrace} in the place of the cause, and the cause itself, in bytes of its own again, becomes the cause of that.
 * Some exceptions accept only causes of a certain type; they are read as they were, and the trace is suppressed in them.
 *
 * <p>The exceptions of others may misbehave in every method they have. Nothing here may throw for that.
 *
 * @param exception the exception, or null if it could not be written
 * @param traced the exception with the trace in the place of its cause, or null if it has no cause
 * @param cause its cause, or null if it has none or it could not be written
 * @param description its class and message
 * @param problem why it could not be written, or null
 * @param trace where it was thrown
 * @param origin the process, in words
 */
@SuppressWarnings("ArrayRecordComponent") // a message, never compared
public record RemoteFailure(
        byte @Nullable [] exception,
        byte @Nullable [] traced,
        byte @Nullable [] cause,
        String description,
        @Nullable String problem,
        StackTraceElement[] trace,
        String origin)
        implements Serializable {

    /** As many as a JVM records if its options do not say otherwise. */
    static final int MAX_FRAMES = 1024;

    /** In the worker. */
    public static RemoteFailure of(Throwable thrown) {
        StackTraceElement[] all = orElse(thrown::getStackTrace, new StackTraceElement[0]);
        StackTraceElement[] trace = all.length <= MAX_FRAMES ? all : Arrays.copyOf(all, MAX_FRAMES);
        String origin = "thrown in worker process " + ProcessHandle.current().pid()
                + (all.length == trace.length
                        ? ""
                        : "; " + (all.length - MAX_FRAMES) + " of its " + all.length + " frames are left out");
        String description =
                orElse(() -> String.valueOf(thrown), thrown.getClass().getName());
        byte[] exception;
        try {
            exception = Marshal.write(thrown);
        } catch (NotTransferableException e) {
            return new RemoteFailure(null, null, null, description, e.getMessage(), trace, origin);
        }
        Throwable cause = orElse(thrown::getCause, null);
        byte[] traced = null;
        byte[] causeBytes = null;
        if (cause != null) {
            traced = orElse(() -> Marshal.write(thrown, cause, new RemoteStackTrace(origin, trace)), null);
            causeBytes = orElse(() -> Marshal.write(cause), null);
        }
        return new RemoteFailure(exception, traced, causeBytes, description, null, trace, origin);
    }

    @SuppressWarnings("TypeParameterUnusedInFormals")
    private static <T extends @Nullable Object> T orElse(Supplier<? extends T> value, T otherwise) {
        try {
            T result = value.get();
            return result == null ? otherwise : result;
        } catch (Throwable t) {
            return otherwise;
        }
    }

    /** In the parent: the exception to raise. */
    public Throwable toThrowable(Reading reading) {
        if (exception == null) {
            return notTransferable(problem, null);
        }
        Throwable thrownThere = traced == null ? null : readTraced(traced, reading);
        if (thrownThere != null) {
            return thrownThere;
        }
        try {
            return reading.stream(exception) instanceof Throwable thrown
                    ? withTrace(thrown)
                    : notTransferable("it was written as something else", null);
        } catch (NotTransferableException e) {
            return notTransferable(e.getMessage(), e.getCause());
        }
    }

    private @Nullable Throwable readTraced(byte[] bytes, Reading reading) {
        return orElse(
                () -> {
                    if (reading.stream(bytes) instanceof Throwable thrown
                            && thrown.getCause() instanceof RemoteStackTrace remote) {
                        if (cause != null && reading.stream(cause) instanceof Throwable original) {
                            remote.initCause(original);
                        }
                        return thrown;
                    }
                    return null;
                },
                null);
    }

    private Throwable withTrace(Throwable thrown) {
        var remote = new RemoteStackTrace(origin, trace);
        if (attach(remote, thrown)) {
            return thrown;
        }
        Throwable copy = copyOf(thrown);
        return copy != null && attach(remote, copy) ? copy : thrown;
    }

    /** Returns false if the exception takes neither a cause nor a suppressed exception. */
    private static boolean attach(RemoteStackTrace remote, Throwable thrown) {
        try {
            thrown.initCause(remote);
            return true;
        } catch (RuntimeException causeIsFixed) {
            thrown.addSuppressed(remote); // it has a cause, or was made with the cause null, which is for ever
            return List.of(thrown.getSuppressed()).contains(remote);
        }
    }

    /**
     * The JVM makes some exceptions without their constructor, as each {@code StackOverflowError}, and those of hot code that
     * have no stack trace. Their cause is null for ever, and they record no suppressed exceptions. A new one takes both.
     */
    private static @Nullable Throwable copyOf(Throwable thrown) {
        Class<? extends Throwable> type = thrown.getClass();
        if (type.getModule() != Object.class.getModule()) {
            return null;
        }
        try {
            Throwable copy = type.getConstructor(String.class).newInstance(thrown.getMessage());
            copy.setStackTrace(thrown.getStackTrace());
            return copy;
        } catch (ReflectiveOperationException noSuchConstructor) {
            return null;
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
