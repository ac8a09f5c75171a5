package dev.offloop.process.internal.wire;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A message between parent and worker: the lengths of payload and body (4 bytes each), the type (1), the number of the
 * call (8), what its function took (two of 8), then the payload, then the body. The number stands outside of the
 * payload, so that one that cannot be read fails its own call only.
 *
 * @param type what it says
 * @param id the call it is about
 * @param payload the rest
 * @param body a large array that the payload refers to, if there is one: it is written from where it is, and the array
 *     that it is read into is the value
 * @param times what the call has taken, in an answer
 */
@SuppressWarnings("ArrayRecordComponent") // a message, never compared
public record Frame(FrameType type, long id, byte[] payload, byte @Nullable [] body, Times times) {

    static final int HEADER = 2 * Integer.BYTES + Byte.BYTES + 3 * Long.BYTES;

    /**
     * How long parts of a call took in a worker, in nanoseconds. Claims of another process.
     *
     * @param run the function
     * @param transfer to read the function and what it has captured, and to write the result
     */
    public record Times(long run, long transfer) {

        /** Of a frame that is no answer. */
        public static final Times NONE = new Times(0, 0);
    }

    /** A frame that is no answer. */
    public Frame(FrameType type, long id, byte[] payload, byte @Nullable [] body) {
        this(type, id, payload, body, Times.NONE);
    }

    /** A frame without a body. */
    public Frame(FrameType type, long id, byte[] payload) {
        this(type, id, payload, null);
    }

    /** A frame with a value. */
    public Frame(FrameType type, long id, Values.Written value) {
        this(type, id, value.bytes(), value.body());
    }

    /** An answer. */
    public Frame(FrameType type, long id, Values.Written value, Times times) {
        this(type, id, value.bytes(), value.body(), times);
    }

    /** How many bytes payload and body have. */
    public long size() {
        return payload.length + (body == null ? 0L : body.length);
    }

    void putHeader(ByteBuffer buffer) {
        buffer.putInt(payload.length)
                .putInt(body == null ? 0 : body.length)
                .put(type.code())
                .putLong(id)
                .putLong(times.run)
                .putLong(times.transfer);
    }
}
