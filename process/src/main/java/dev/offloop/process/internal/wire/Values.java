package dev.offloop.process.internal.wire;

import static dev.offloop.process.internal.wire.ValueTag.BODY;
import static dev.offloop.process.internal.wire.ValueTag.BOOLEAN;
import static dev.offloop.process.internal.wire.ValueTag.BYTES;
import static dev.offloop.process.internal.wire.ValueTag.DOUBLE;
import static dev.offloop.process.internal.wire.ValueTag.INT;
import static dev.offloop.process.internal.wire.ValueTag.LONG;
import static dev.offloop.process.internal.wire.ValueTag.NULL;
import static dev.offloop.process.internal.wire.ValueTag.STREAM;
import static dev.offloop.process.internal.wire.ValueTag.STRING;

import dev.offloop.process.Codec;
import dev.offloop.process.NotTransferableException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Values as bytes. What is small and frequent, the simple types of Java and lambdas, is written in a few bytes of our
 * own; all else by JDK serialization, behind one byte that says so, or by the pool's {@link Codec}.
 *
 * <p>Our own form keeps no identity: where two things that can be changed might be the same one, JDK serialization is
 * used for all of it.
 */
public final class Values {

    private static final byte[] ONLY_BODY = {BODY};
    private static final AtomicInteger SHARED = new AtomicInteger();

    private Values() {}

    /**
     * Returns whether reading the value runs no code of the application: null, a number, a truth value, a string or a
     * byte array in our own form. Any thread may read such a value at once.
     */
    public static boolean isPlain(byte[] payload) {
        return payload.length > 0
                && switch (payload[0]) {
                    case NULL, INT, LONG, DOUBLE, BOOLEAN, STRING, BYTES, BODY -> true;
                    default -> false;
                };
    }

    /**
     * A value to be sent.
     *
     * @param bytes the value
     * @param body a large array in it, if there is one
     * @param shapes of the lambdas in it, which the receiver has to know first
     */
    @SuppressWarnings("ArrayRecordComponent") // a message, never compared
    public record Written(byte[] bytes, byte @Nullable [] body, List<Shape> shapes) {

        Written(byte[] bytes) {
            this(bytes, null, List.of());
        }
    }

    /** A lambda's shape. */
    @SuppressWarnings("ArrayRecordComponent") // a message, never compared
    public record Shape(int id, byte[] description) {}

    // ---- writing

    /** The calling thread is writing a handle of shared memory. */
    public static void sharesMemory() {
        SHARED.incrementAndGet();
    }

    /** How many handles of shared memory were written, by all threads. */
    public static int memoryShared() {
        return SHARED.get();
    }

    /**
     * A function as bytes. What it has captured is copied: it may change later.
     *
     * @throws NotTransferableException as {@link JdkSerialization#write}
     */
    public static Written writeFunction(Object function, Writing how) {
        return write(function, how, true);
    }

    /**
     * A result, or what a function says, as bytes. It is sent at once, so a large array is not copied.
     *
     * @throws NotTransferableException as {@link JdkSerialization#write}
     */
    public static Written write(@Nullable Object value, Writing how) {
        return value instanceof byte[] array && array.length > FrameWriter.SMALL && !how.onlyStreams()
                ? new Written(ONLY_BODY, array, List.of())
                : write(value, how, false);
    }

    private static Written write(@Nullable Object value, Writing how, boolean function) {
        if (!how.onlyStreams()) {
            var writer = new ValueWriter(function, how.codec());
            if (writer.write(value)) {
                return writer.written();
            }
        }
        return new Written(JdkSerialization.write(value, STREAM));
    }
}
