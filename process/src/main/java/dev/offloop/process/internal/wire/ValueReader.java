package dev.offloop.process.internal.wire;

import static dev.offloop.process.internal.wire.ValueTag.BODY;
import static dev.offloop.process.internal.wire.ValueTag.BOOLEAN;
import static dev.offloop.process.internal.wire.ValueTag.BYTES;
import static dev.offloop.process.internal.wire.ValueTag.CODED;
import static dev.offloop.process.internal.wire.ValueTag.DOUBLE;
import static dev.offloop.process.internal.wire.ValueTag.INT;
import static dev.offloop.process.internal.wire.ValueTag.LAMBDA;
import static dev.offloop.process.internal.wire.ValueTag.LIST;
import static dev.offloop.process.internal.wire.ValueTag.LONG;
import static dev.offloop.process.internal.wire.ValueTag.MAX_DEPTH;
import static dev.offloop.process.internal.wire.ValueTag.NULL;
import static dev.offloop.process.internal.wire.ValueTag.OBJECT;
import static dev.offloop.process.internal.wire.ValueTag.OBJECT_BODY;
import static dev.offloop.process.internal.wire.ValueTag.STREAM;
import static dev.offloop.process.internal.wire.ValueTag.STRING;

import dev.offloop.process.Codec;
import dev.offloop.process.NotTransferableException;
import java.io.ByteArrayInputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the values that one process sends, and remembers the shapes of lambdas. For one thread. */
public final class ValueReader {

    /** Room that a list gets before its elements have been read. */
    private static final int FIRST_ELEMENTS = 1024;

    /** A method has at most 255 parameters. */
    private static final int MAX_CAPTURED = 255;

    private final Reading reading;
    private final Map<Integer, byte[]> descriptions = new HashMap<>();
    private final Map<Integer, Lambdas.Maker> makers = new HashMap<>();

    /** A reader that knows no shapes. */
    public ValueReader(Reading reading) {
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
            return JdkSerialization.read(bytes, 1, reading);
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
            throw JdkSerialization.classNotFound(e);
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
        if (count > MAX_CAPTURED) {
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
