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
import static dev.offloop.process.internal.wire.ValueTag.STRING;

import dev.offloop.process.Codec;
import dev.offloop.process.NotTransferableException;
import dev.offloop.process.SharedMemory;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.SerializedLambda;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** Writes one value in our own form, as far as that goes. */
final class ValueWriter {

    /** A function made of more lambdas may hold one of them twice, or be deeper than the stack. */
    private static final int MAX_LAMBDAS = 64;

    /** A longer text is not what this is for. */
    private static final int MAX_STRING = 10_000;

    private final ChunkedOutputStream bytes = new ChunkedOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private final List<Values.Shape> shapes = new ArrayList<>(1);
    private final boolean function;
    private final @Nullable Codec codec;
    private byte @Nullable [] body;
    private int depth;

    /** Whether something was written that can be changed, and so must not be the same as anything else. */
    private boolean hasMutable;

    ValueWriter(boolean function, @Nullable Codec codec) {
        this.function = function;
        this.codec = codec;
    }

    Values.Written written() {
        return new Values.Written(bytes.take(), body, shapes);
    }

    /** False if it takes JDK serialization; what was written then is of no use. */
    boolean write(@Nullable Object value) {
        try {
            return writeValue(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not throw it
        }
    }

    @SuppressWarnings("IfChainToSwitch") // for a switch over types every worker that starts would spin a class
    private boolean writeValue(@Nullable Object value) throws IOException {
        if (value == null) {
            out.writeByte(NULL);
        } else if (value instanceof Integer number) {
            out.writeByte(INT);
            out.writeInt(number);
        } else if (value instanceof Long number) {
            out.writeByte(LONG);
            out.writeLong(number);
        } else if (value instanceof Double number) {
            out.writeByte(DOUBLE);
            out.writeDouble(number);
        } else if (value instanceof Boolean truth) {
            out.writeByte(BOOLEAN);
            out.writeBoolean(truth);
        } else if (value instanceof String text && text.length() <= MAX_STRING) {
            out.writeByte(STRING);
            out.writeInt(text.length());
            out.writeChars(text); // as they are: not every string is good UTF-16
        } else if (value instanceof byte[] array && mayBeMutable()) {
            writeArray(array);
        } else {
            return writeOther(value);
        }
        return true;
    }

    /**
     * Whether one that can be changed may be written by itself: the first one, and each where there is a codec, as that
     * says.
     */
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
                || value instanceof SharedMemory
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
        var coded = new ChunkedOutputStream();
        try {
            if (!codec.accepts(value.getClass())) {
                return false;
            }
            codec.write(value, coded);
        } catch (Throwable t) { // other people's code
            throw new NotTransferableException(
                    "an object of class " + value.getClass().getName() + " could not be written by " + codec + ": " + t,
                    t);
        }
        out.writeByte(CODED);
        writePiece(coded.take());
        return true;
    }

    /** The only one, with all that it refers to. */
    private boolean writeCaptured(Object value) throws IOException {
        if (!(value instanceof SharedMemory) && !mayBeMutable()) { // two of the same memory are as good as one
            return false;
        }
        byte[] stream;
        try {
            stream = JdkSerialization.write(value);
        } catch (NotTransferableException e) {
            return false; // written again with the function around it, the error has a path
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

    /** The only one, so no other value shares it. */
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
        if (shapes.size() >= MAX_LAMBDAS) {
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
