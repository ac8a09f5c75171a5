package dev.offloop.process.internal.wire;

import dev.offloop.process.NotTransferableException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Values that are sent together: the number of the stream, then for each value its length, the length of its large
 * array, and both. Small values cost more on their way one by one than together.
 *
 * <p>The number tells a batch from what the function itself reports as progress: that may be bytes too.
 */
public final class ValueBatch {

    private static final int MAX_VALUES = 64;
    private static final int MAX_BYTES = 32 * 1024;
    private static final int LENGTHS = 2 * Integer.BYTES;

    private final List<Values.Written> values = new ArrayList<>();
    private final long stream;
    private long bytes = Long.BYTES;

    /** A batch of a stream without values. */
    public ValueBatch(long stream) {
        this.stream = stream;
    }

    /** Adds a value. */
    public void add(Values.Written value) {
        values.add(value);
        bytes += LENGTHS + value.bytes().length + sizeOf(value.body());
    }

    /** Whether it is worth to be sent at once. */
    public boolean isFull() {
        return values.size() >= MAX_VALUES || bytes >= MAX_BYTES;
    }

    /** Whether there is nothing to be sent. */
    public boolean isEmpty() {
        return values.isEmpty();
    }

    /**
     * Takes the values out, as bytes.
     *
     * @throws NotTransferableException if they do not fit into an array, which a single value can cause only
     */
    public byte[] take() {
        if (bytes > Integer.MAX_VALUE - LENGTHS) {
            long size = bytes;
            values.clear();
            bytes = Long.BYTES;
            throw new NotTransferableException(
                    "A value of a stream takes " + size
                            + " bytes, which is more than an array can have: send it in pieces",
                    null);
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) bytes).putLong(stream);
        for (Values.Written value : values) {
            byte[] body = value.body();
            buffer.putInt(value.bytes().length).putInt(sizeOf(body)).put(value.bytes());
            if (body != null) {
                buffer.put(body);
            }
        }
        values.clear();
        bytes = Long.BYTES;
        return buffer.array();
    }

    private static int sizeOf(byte @Nullable [] body) {
        return body == null ? 0 : body.length;
    }

    /** Whether these bytes are a batch of a stream. */
    public static boolean isOf(long stream, byte[] bytes) {
        return bytes.length >= Long.BYTES && ByteBuffer.wrap(bytes).getLong() == stream;
    }

    /**
     * Reads the values of a batch one by one, which may run foreign code.
     *
     * <p>The iterator throws {@link NotTransferableException} in the place of a value that cannot be read, and
     * {@link IllegalArgumentException} if these are not the bytes of a batch.
     */
    public static Iterator<@Nullable Object> read(byte[] batch, Reading reading) {
        ByteBuffer buffer = ByteBuffer.wrap(batch).position(Long.BYTES);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return buffer.hasRemaining();
            }

            @Override
            public @Nullable Object next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                if (buffer.remaining() < LENGTHS) {
                    throw new IllegalArgumentException("a batch that is cut off");
                }
                int length = buffer.getInt();
                int bodyLength = buffer.getInt();
                byte[] payload = cut(length);
                byte[] body = bodyLength == 0 ? null : cut(bodyLength);
                return reading.of(new Frame(FrameType.PROGRESS, 0, payload, body));
            }

            private byte[] cut(int length) {
                if (length < 0 || length > buffer.remaining()) {
                    throw new IllegalArgumentException("a batch that is cut off");
                }
                byte[] bytes = new byte[length];
                buffer.get(bytes);
                return bytes;
            }
        };
    }
}
