package dev.offloop.process.wire;

import dev.offloop.process.Codec;
import dev.offloop.process.NotTransferableException;
import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.SerializedLambda;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Values as bytes. What is small and frequent, the simple types of Java and lambdas, is written in a few bytes of our own;
 * all else by JDK serialization, behind one byte that says so, or by the pool's {@link Codec}.
 *
 * <p>Our own form keeps no identity: where two things that can be changed might be the same one, JDK serialization is used
 * for all of it.
 */
public final class Values {

    /** A function made of more lambdas may hold one of them twice, or be deeper than the stack. */
    private static final int MOST_LAMBDAS = 64;

    private static final byte STREAM = 0;
    private static final byte NULL = 1;
    private static final byte INT = 2;
    private static final byte LONG = 3;
    private static final byte DOUBLE = 4;
    private static final byte BOOLEAN = 5;
    private static final byte STRING = 6;
    private static final byte BYTES = 7;
    private static final byte LAMBDA = 8;
    private static final byte BODY = 9;
    private static final byte OBJECT = 10;
    private static final byte OBJECT_BODY = 11;
    private static final byte CODED = 12;
    private static final byte LIST = 13;

    private static final byte[] ONLY_BODY = {BODY};

    /** A longer text is not what this is for. */
    private static final int LONGEST_STRING = 10_000;

    /** Lists and lambdas inside of each other. More could overflow the stack of the reader. */
    private static final int MAX_DEPTH = 1000;

    /** Room that a list gets before its elements have been read. */
    private static final int FIRST_ELEMENTS = 1024;

    /** A method has at most 255 parameters. */
    private static final int MOST_CAPTURED = 255;

    private Values() {}

    /**
     * Returns whether reading the value runs no code of the application: null, a number, a truth value, a string or a byte
     * array in our own form. Any thread may read such a value at once.
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

    /**
     * A function as bytes. What it has captured is copied: it may change later.
     *
     * @throws NotTransferableException as {@link Marshal#write}
     */
    public static Written writeFunction(Object function, Writing how) {
        return write(function, how, true);
    }

    /**
     * A result, or what a function says, as bytes. It is sent at once, so a large array is not copied.
     *
     * @throws NotTransferableException as {@link Marshal#write}
     */
    public static Written write(@Nullable Object value, Writing how) {
        return value instanceof byte[] array && array.length > FrameWriter.SMALL && !how.onlyStreams()
                ? new Written(ONLY_BODY, array, List.of())
                : write(value, how, false);
    }

    private static Written write(@Nullable Object value, Writing how, boolean function) {
        if (!how.onlyStreams()) {
            var writer = new Writer(function, how.codec());
            if (writer.write(value)) {
                return writer.written();
            }
        }
        return new Written(Marshal.write(value, STREAM));
    }

    /** Writes one value in our own form, as far as that goes. */
    private static final class Writer {
        private final Chunks bytes = new Chunks();
        private final DataOutputStream out = new DataOutputStream(bytes);
        private final List<Shape> shapes = new ArrayList<>(1);
        private final boolean function;
        private final @Nullable Codec codec;
        private byte @Nullable [] body;
        private int depth;

        /** Whether something was written that can be changed, and so must not be the same as anything else. */
        private boolean hasMutable;

        Writer(boolean function, @Nullable Codec codec) {
            this.function = function;
            this.codec = codec;
        }

        Written written() {
            return new Written(bytes.take(), body, shapes);
        }

        /** False if it takes JDK serialization; what was written then is of no use. */
        boolean write(@Nullable Object value) {
            try {
                return writeValue(value);
            } catch (IOException e) {
                throw new UncheckedIOException(e); // memory does not throw it
            }
        }

        private boolean writeValue(@Nullable Object value) throws IOException {
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
                case byte[] array when mayBeMutable() -> writeArray(array);
                default -> {
                    return writeOther(value);
                }
            }
            return true;
        }

        /** Whether one that can be changed may be written by itself: the first one, and each where there is a codec, as that says. */
        private boolean mayBeMutable() {
            boolean first = !hasMutable;
            hasMutable = true;
            return first || codec != null;
        }

        private boolean writeOther(Object value) throws IOException {
            Lambdas.Parts parts = function ? Lambdas.partsOf(value) : null;
            if (parts != null) {
                return writeLambda(parts);
            }
            boolean root = function && shapes.isEmpty();
            if (codec != null && !root && !isJdkSerializations(value)) {
                if (value instanceof List<?> list && isOnlyElements(list)) {
                    return writeList(list);
                }
                if (writeCoded(value, codec)) {
                    return true;
                }
            }
            return function && !root && writeCaptured(value);
        }

        /** What a codec is never asked for. */
        private static boolean isJdkSerializations(Object value) {
            return value instanceof RemoteFailure
                    || value instanceof String
                    || value instanceof Number
                    || value instanceof Character
                    || value instanceof byte[];
        }

        /** Whether it is one of the JDK's that is no more than its elements. */
        private static boolean isOnlyElements(List<?> list) {
            return list instanceof RandomAccess && list.getClass().getModule() == Object.class.getModule();
        }

        /** As those that {@code map} sends: each element by itself. */
        private boolean writeList(List<?> list) throws IOException {
            if (++depth > MAX_DEPTH) {
                return false; // a list that contains itself, for example
            }
            out.writeByte(LIST);
            out.writeInt(list.size());
            for (Object element : list) {
                if (!writeValue(element)) {
                    return false;
                }
            }
            depth--;
            return true;
        }

        /** False if the codec does not accept it. */
        private boolean writeCoded(Object value, Codec codec) throws IOException {
            var coded = new Chunks();
            try {
                if (!codec.accepts(value.getClass())) {
                    return false;
                }
                codec.write(value, coded);
            } catch (Throwable t) { // other people's code
                throw new NotTransferableException(
                        "an object of class " + value.getClass().getName() + " could not be written by " + codec + ": "
                                + t,
                        t);
            }
            out.writeByte(CODED);
            writePiece(coded.take());
            return true;
        }

        /** The only one, with all that it refers to. */
        private boolean writeCaptured(Object value) throws IOException {
            if (!mayBeMutable()) {
                return false;
            }
            byte[] stream;
            try {
                stream = Marshal.write(value);
            } catch (NotTransferableException e) {
                return false; // the same again with the function around it tells better what is wrong
            }
            if (stream.length > FrameWriter.SMALL && body == null) {
                out.writeByte(OBJECT_BODY);
                body = stream;
            } else {
                out.writeByte(OBJECT);
                writePiece(stream);
            }
            return true;
        }

        private void writePiece(byte[] piece) throws IOException {
            out.writeInt(piece.length);
            out.write(piece);
        }

        /** The only one, so it is nobody else's. */
        private void writeArray(byte[] array) throws IOException {
            if (array.length > FrameWriter.SMALL && body == null) {
                out.writeByte(BODY);
                body = array.clone();
            } else {
                out.writeByte(BYTES);
                writePiece(array);
            }
        }

        private boolean writeLambda(Lambdas.Parts parts) throws IOException {
            if (shapes.size() >= MOST_LAMBDAS) {
                return false;
            }
            SerializedLambda lambda = parts.lambda();
            int count = lambda.getCapturedArgCount();
            depth++;
            shapes.add(parts.shape());
            out.writeByte(LAMBDA);
            out.writeInt(parts.shape().id());
            out.writeInt(count);
            for (int i = 0; i < count; i++) {
                if (!writeValue(lambda.getCapturedArg(i))) {
                    return false;
                }
            }
            depth--;
            return true;
        }
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
        public @Nullable Object read(byte[] bytes, byte @Nullable [] body) {
            if (bytes.length > 0 && bytes[0] == STREAM) {
                return Marshal.read(bytes, 1, reading);
            }
            if (reading.filter() != null) {
                throw new NotTransferableException("it was not written for the pool's result filter to see", null);
            }
            try {
                return read(ByteBuffer.wrap(bytes), body, 0);
            } catch (NotTransferableException e) {
                throw e;
            } catch (BufferUnderflowException e) {
                throw new NotTransferableException("it could not be read: its bytes end too early", e);
            } catch (ClassNotFoundException e) {
                throw Marshal.classNotFound(e);
            } catch (Throwable t) { // a class initializer of other people's
                throw new NotTransferableException("it could not be read: " + t, t);
            }
        }

        private @Nullable Object read(ByteBuffer in, byte @Nullable [] body, int depth) throws Throwable {
            if (depth > MAX_DEPTH) {
                throw new NotTransferableException(
                        "it could not be read: it is nested more than " + MAX_DEPTH + " levels deep", null);
            }
            byte kind = in.get();
            return switch (kind) {
                case NULL -> null;
                case INT -> in.getInt();
                case LONG -> in.getLong();
                case DOUBLE -> in.getDouble();
                case BOOLEAN -> in.get() != 0;
                case STRING -> readString(in);
                case BYTES -> readPiece(in);
                case BODY -> existing(body);
                case OBJECT -> reading.stream(readPiece(in));
                case OBJECT_BODY -> reading.stream(existing(body));
                case CODED -> readCoded(in);
                case LIST -> readList(in, body, depth);
                case LAMBDA -> readLambda(in, body, depth);
                default -> throw new NotTransferableException("there is no kind of value " + kind, null);
            };
        }

        private static byte[] existing(byte @Nullable [] body) {
            if (body == null) {
                throw new NotTransferableException("it could not be read: its frame has no body", null);
            }
            return body;
        }

        private List<@Nullable Object> readList(ByteBuffer in, byte @Nullable [] body, int depth) throws Throwable {
            int size = readCount(in, Byte.BYTES);
            // Grows as elements are read: nested lists could each claim all of the bytes that remain.
            List<@Nullable Object> list = new ArrayList<>(Math.min(size, FIRST_ELEMENTS));
            for (int i = 0; i < size; i++) {
                list.add(read(in, body, depth + 1));
            }
            return list;
        }

        private Object readLambda(ByteBuffer in, byte @Nullable [] body, int depth) throws Throwable {
            Lambdas.Maker maker = maker(in.getInt());
            int count = readCount(in, Byte.BYTES);
            if (count > MOST_CAPTURED) {
                throw new NotTransferableException(
                        "it could not be read: a lambda cannot capture " + count + " values", null);
            }
            @Nullable Object[] captured = new @Nullable Object[count];
            for (int i = 0; i < captured.length; i++) {
                captured[i] = read(in, body, depth + 1);
            }
            return maker.make(captured);
        }

        private Object readCoded(ByteBuffer in) throws Exception {
            Codec codec = reading.codec();
            if (codec == null) {
                throw new NotTransferableException("it was written by a codec, and this process has none", null);
            }
            return codec.read(new ByteArrayInputStream(readPiece(in)));
        }

        private static byte[] readPiece(ByteBuffer in) {
            byte[] piece = new byte[readCount(in, Byte.BYTES)];
            in.get(piece);
            return piece;
        }

        private static String readString(ByteBuffer in) {
            char[] text = new char[readCount(in, Character.BYTES)];
            for (int i = 0; i < text.length; i++) {
                text[i] = in.getChar();
            }
            return new String(text);
        }

        /** Reads a number of elements, and checks that the bytes for that many are there before anything is allocated. */
        private static int readCount(ByteBuffer in, int leastBytesEach) {
            int count = in.getInt();
            if (count < 0 || count > in.remaining() / leastBytesEach) {
                throw new NotTransferableException(
                        "it could not be read: it announces " + count + " elements and has " + in.remaining()
                                + " bytes for them",
                        null);
            }
            return count;
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
