package dev.offloop.process.internal.wire;

import dev.offloop.process.NotTransferableException;
import dev.offloop.process.RemoteStackTrace;
import java.io.ObjectInputFilter;
import java.io.ObjectInputFilter.Status;
import java.io.Serializable;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a worker sends when a function threw. The exception travels as bytes of its own: if they cannot be read, the
 * rest still can, and says what happened.
 *
 * <p>A cause can be given to an exception only once. So one that has a cause is written a second time, with the
 * {@link RemoteStackTrace} in the place of the cause, and the cause itself, in bytes of its own again, becomes the
 * cause of that. Some exceptions accept only causes of a certain type; they are read as they were, and the trace is
 * suppressed in them.
 *
 * <p>The exceptions of others may misbehave in every method they have. Nothing here may throw for that, and no walk
 * over causes may be without end.
 *
 * @param exception the exception, with {@linkplain #standIn stand-ins} for suppressed ones that could not be written,
 *     or null if it could not be written itself
 * @param traced the exception with the trace in the place of its cause, or null if it has no cause
 * @param cause its cause, or its stand-in if it could not be written; null if it has none
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
    public static final int MAX_FRAMES = 1024;

    /** Lets a failure through and nothing else: the exceptions in it are bytes here. */
    static final ObjectInputFilter FILTER = info -> {
        Class<?> type = info.serialClass();
        return type == null
                ? Status.UNDECIDED
                : type == RemoteFailure.class
                                || type == byte[].class
                                || type == StackTraceElement.class
                                || (type == StackTraceElement[].class && info.arrayLength() <= MAX_FRAMES)
                        ? Status.ALLOWED
                        : Status.REJECTED;
    };

    /** How many causes are replaced where they cannot be written. */
    private static final int MAX_STAND_INS = 50;

    private static final int MAX_DESCRIPTION = 10_000;

    /** All that is written must fit into one array. */
    private static final long MAX_BYTES = 1024 * 1024 * 1024;

    /** Whatever the other process has sent, the trace can be given to an exception. */
    public RemoteFailure {
        trace = bounded(trace);
    }

    // ---- in the worker

    /** What is sent for an exception. */
    public static RemoteFailure of(Throwable thrown) {
        StackTraceElement[] frames = framesOf(thrown);
        StackTraceElement[] trace = bounded(frames);
        String origin = "thrown in worker process " + ProcessHandle.current().pid()
                + (frames.length <= MAX_FRAMES
                        ? ""
                        : "; " + (frames.length - MAX_FRAMES) + " of its " + frames.length + " frames are left out");
        IdentityHashMap<Throwable, Throwable> replacements = new IdentityHashMap<>();
        byte[] exception = null;
        String problem = null;
        try {
            exception = JdkSerialization.write(thrown);
        } catch (NotTransferableException e) {
            problem = e.getMessage();
            addStandInsForSuppressed(thrown, replacements);
            if (!replacements.isEmpty()) {
                exception = orElse(() -> JdkSerialization.write(thrown, replacements), null);
            }
        }
        Throwable cause = causeOf(thrown);
        byte[] traced = null;
        byte[] causeBytes = null;
        if (cause != null) {
            replacements.put(cause, new RemoteStackTrace(origin, trace));
            traced = orElse(() -> JdkSerialization.write(thrown, replacements), null);
            causeBytes = writeOrNull(cause);
            if (causeBytes == null) {
                causeBytes = writeOrNull(standIn(cause, 1));
            }
        }
        String description = describe(thrown);
        long size = lengthOf(exception) + lengthOf(traced) + lengthOf(causeBytes);
        return size <= MAX_BYTES
                ? new RemoteFailure(exception, traced, causeBytes, description, problem, trace, origin)
                : new RemoteFailure(
                        null, null, null, description, "it takes " + size + " bytes to write it", trace, origin);
    }

    private static long lengthOf(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static byte @Nullable [] writeOrNull(Throwable thrown) {
        return orElse(() -> JdkSerialization.write(thrown), null);
    }

    private static void addStandInsForSuppressed(Throwable thrown, IdentityHashMap<Throwable, Throwable> replacements) {
        Throwable[] suppressed = thrown.getSuppressed();
        for (int i = 0; i < Math.min(suppressed.length, MAX_STAND_INS); i++) {
            if (writeOrNull(suppressed[i]) == null) {
                replacements.put(suppressed[i], standIn(suppressed[i], 1));
            }
        }
    }

    /**
     * Describes a cause that cannot be written. Its own causes are kept if they can be written, and described if not.
     */
    private static RemoteStackTrace standIn(Throwable cause, int count) {
        var standIn =
                new RemoteStackTrace(describe(cause) + " (an exception that cannot be sent)", bounded(framesOf(cause)));
        Throwable next = causeOf(cause);
        if (next != null && count < MAX_STAND_INS) {
            standIn.initCause(writeOrNull(next) != null ? next : standIn(next, count + 1));
        }
        return standIn;
    }

    private static @Nullable Throwable causeOf(Throwable thrown) {
        Throwable cause = orElse(thrown::getCause, null);
        return cause == thrown ? null : cause;
    }

    private static StackTraceElement[] framesOf(Throwable thrown) {
        return orElse(thrown::getStackTrace, new StackTraceElement[0]);
    }

    private static String describe(Throwable thrown) {
        String all = orElse(thrown::toString, thrown.getClass().getName());
        return all.length() <= MAX_DESCRIPTION ? all : all.substring(0, MAX_DESCRIPTION) + "…";
    }

    private static StackTraceElement[] bounded(StackTraceElement @Nullable [] frames) {
        return frames == null
                ? new StackTraceElement[0]
                : Arrays.stream(frames)
                        .limit(MAX_FRAMES)
                        .filter(Objects::nonNull)
                        .toArray(StackTraceElement[]::new);
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

    // ---- in the parent

    /** The exception to raise. */
    public Throwable toThrowable(Reading reading) {
        Throwable thrownThere = traced == null ? null : readTraced(traced, reading);
        if (thrownThere != null) {
            return thrownThere;
        }
        if (exception == null) {
            return notTransferable(problem, null, reading);
        }
        try {
            return reading.stream(exception) instanceof Throwable thrown
                    ? withTrace(thrown)
                    : notTransferable("it was written as something else", null, reading);
        } catch (NotTransferableException e) {
            return notTransferable(e.getMessage(), e.getCause(), reading);
        }
    }

    private @Nullable Throwable readTraced(byte[] bytes, Reading reading) {
        return orElse(
                () -> {
                    if (reading.stream(bytes) instanceof Throwable thrown
                            && thrown.getCause() instanceof RemoteStackTrace remote) {
                        addCause(remote, reading);
                        return thrown;
                    }
                    return null;
                },
                null);
    }

    private void addCause(RemoteStackTrace remote, Reading reading) {
        try {
            if (cause != null && reading.stream(cause) instanceof Throwable original) {
                remote.initCause(original);
            }
        } catch (NotTransferableException e) {
            remote.addSuppressed(new NotTransferableException(
                    "The cause of the exception cannot be brought here: " + e.getMessage(), e.getCause()));
        }
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
            if (thrown.getCause() == remote) {
                return true;
            }
        } catch (Throwable t) {
            // It has a cause, or was made with the cause null, which is for ever, or the methods are overridden.
        }
        thrown.addSuppressed(remote);
        return List.of(thrown.getSuppressed()).contains(remote);
    }

    /**
     * The JVM makes some exceptions without their constructor, as each {@code StackOverflowError}, and those of hot
     * code that have no stack trace. Their cause is null for ever, and they record no suppressed exceptions. A new one
     * takes both.
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

    private NotTransferableException notTransferable(
            @Nullable String why, @Nullable Throwable because, Reading reading) {
        var remote = new RemoteStackTrace(origin, trace);
        addCause(remote, reading);
        var e = new NotTransferableException(
                "The function threw " + description + ", which cannot be brought here: " + why, remote);
        if (because != null) {
            e.addSuppressed(because);
        }
        return e;
    }
}
