package dev.offloop.process.wire;

import dev.offloop.process.NotTransferableException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.SerializedLambda;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values as bytes. What is small and frequent, the simple types of Java and lambdas that have captured such, is written in a
 * few bytes of our own; all else by JDK serialization, behind one byte that says so.
 *
 * <p>Our own form keeps no identity: where two things that can be changed might be the same one, JDK serialization is used.
 */
public final class Values {

    private static final byte STREAM = 0;
    private static final byte NULL = 1;
    private static final byte INT = 2;
    private static final byte LONG = 3;
    private static final byte DOUBLE = 4;
    private static final byte BOOLEAN = 5;
    private static final byte STRING = 6;
    private static final byte BYTES = 7;
    private static final byte LAMBDA = 8;

    /** A longer text is not what this is for. */
    private static final int LONGEST_STRING = 10_000;

    private Values() {}

    /**
     * A function to be sent.
     *
     * @param bytes the function
     * @param shapes of the lambdas in it, which the receiver has to know first
     */
    @SuppressWarnings("ArrayRecordComponent") // a message, never compared
    public record Function(byte[] bytes, List<Shape> shapes) {}

    /** A lambda's shape. */
    @SuppressWarnings("ArrayRecordComponent") // a message, never compared
    public record Shape(int id, byte[] description) {}

    // ---- writing

    /**
     * A function as bytes.
     *
     * @throws NotTransferableException as {@link Marshal#write}
     */
    public static Function writeFunction(Object function) {
        List<Shape> shapes = new ArrayList<>(1);
        var bytes = new Chunks();
        try {
            if (write(function, new DataOutputStream(bytes), shapes)) {
                return new Function(bytes.take(), shapes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not throw it
        }
        return new Function(stream(function), List.of());
    }

    /**
     * A result, or what a function says, as bytes.
     *
     * @throws NotTransferableException as {@link Marshal#write}
     */
    public static byte[] write(@Nullable Object value) {
        if (value instanceof byte[] array && array.length < Integer.MAX_VALUE - 16) {
            return ByteBuffer.allocate(1 + Integer.BYTES + array.length)
                    .put(BYTES)
                    .putInt(array.length)
                    .put(array)
                    .array();
        }
        var bytes = new Chunks();
        try {
            if (write(value, new DataOutputStream(bytes), null)) {
                return bytes.take();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not throw it
        }
        return stream(value);
    }

    private static byte[] stream(@Nullable Object value) {
        return Marshal.write(value, STREAM);
    }

    /** False if it takes JDK serialization; what was written then is of no use. */
    private static boolean write(@Nullable Object value, DataOutputStream out, @Nullable List<Shape> shapes)
            throws IOException {
        switch (value) {
            case null -> out.writeByte(NULL);
            case Integer number -> {
                out.writeByte(INT);
                out.writeInt(number);
            }
            case Long number -> {
                out.writeByte(LONG);
                out.writeLong(number);
            }
            case Double number -> {
                out.writeByte(DOUBLE);
                out.writeDouble(number);
            }
            case Boolean truth -> {
                out.writeByte(BOOLEAN);
                out.writeBoolean(truth);
            }
            case String text
            when text.length() <= LONGEST_STRING -> {
                out.writeByte(STRING);
                out.writeInt(text.length());
                out.writeChars(text); // as they are: not every string is good UTF-16
            }
            default -> {
                return shapes != null && writeLambda(value, out, shapes);
            }
        }
        return true;
    }

    private static boolean writeLambda(Object value, DataOutputStream out, List<Shape> shapes) throws IOException {
        Lambdas.Parts parts = Lambdas.partsOf(value);
        if (parts == null) {
            return false;
        }
        SerializedLambda lambda = parts.lambda();
        int count = lambda.getCapturedArgCount();
        shapes.add(parts.shape());
        out.writeByte(LAMBDA);
        out.writeInt(parts.shape().id());
        out.writeInt(count);
        boolean array = false;
        for (int i = 0; i < count; i++) {
            Object captured = lambda.getCapturedArg(i);
            if (captured instanceof byte[] bytes && !array) {
                array = true; // the only one, so it is nobody else's
                out.writeByte(BYTES);
                out.writeInt(bytes.length);
                out.write(bytes);
            } else if (!write(captured, out, shapes)) {
                return false;
            }
        }
        return true;
    }

    // ---- reading

    /** Reads what one process sends, and remembers the shapes that it has told. For one thread. */
    public static final class Reader {
        private final Reading reading;
        private final Map<Integer, byte[]> descriptions = new HashMap<>();
        private final Map<Integer, Lambdas.Maker> makers = new HashMap<>();

        /** A reader that knows no shapes. */
        public Reader(Reading reading) {
            this.reading = reading;
        }

        /** Takes note of a shape. */
        public void know(int id, byte[] description) {
            descriptions.put(id, description);
        }

        /**
         * The value that the bytes stand for.
         *
         * @throws NotTransferableException if it cannot be read here
         */
        public @Nullable Object read(byte[] bytes) {
            if (bytes.length > 0 && bytes[0] == STREAM) {
                return Marshal.read(bytes, 1, reading);
            }
            try {
                return read(ByteBuffer.wrap(bytes));
            } catch (NotTransferableException e) {
                throw e;
            } catch (ClassNotFoundException e) {
                throw Marshal.classNotFound(e);
            } catch (Throwable t) { // a class initializer of other people's
                throw new NotTransferableException("it could not be read: " + t, t);
            }
        }

        private @Nullable Object read(ByteBuffer in) throws Throwable {
            byte kind = in.get();
            return switch (kind) {
                case NULL -> null;
                case INT -> in.getInt();
                case LONG -> in.getLong();
                case DOUBLE -> in.getDouble();
                case BOOLEAN -> in.get() != 0;
                case STRING -> readString(in);
                case BYTES -> {
                    byte[] array = new byte[in.getInt()];
                    in.get(array);
                    yield array;
                }
                case LAMBDA -> {
                    Lambdas.Maker maker = maker(in.getInt());
                    @Nullable Object[] captured = new @Nullable Object[in.getInt()];
                    for (int i = 0; i < captured.length; i++) {
                        captured[i] = read(in);
                    }
                    yield maker.make(captured);
                }
                default -> throw new NotTransferableException("there is no kind of value " + kind, null);
            };
        }

        private static String readString(ByteBuffer in) {
            char[] text = new char[in.getInt()];
            for (int i = 0; i < text.length; i++) {
                text[i] = in.getChar();
            }
            return new String(text);
        }

        private Lambdas.Maker maker(int id) throws ReflectiveOperationException {
            Lambdas.Maker maker = makers.get(id);
            if (maker == null) {
                byte[] description = descriptions.get(id);
                if (description == null) {
                    throw new NotTransferableException("a lambda of the unknown shape " + id, null);
                }
                maker = new Lambdas.Maker(description, reading.loader());
                makers.put(id, maker);
                descriptions.remove(id);
            }
            return maker;
        }
    }
}
