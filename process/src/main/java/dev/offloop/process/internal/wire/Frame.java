package dev.offloop.process.internal.wire;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A message between parent and worker: the lengths of payload and body (4 bytes each), the type (1), the number of the
 * call (8), then the payload, then the body. The number stands outside of the payload, so that one that cannot be read
 * fails its own call only.
 *
 * @param type what it says
 * @param id the call it is about
 * @param payload the rest
 * @param body a large array that the payload refers to, if there is one: it is written from where it is, and the array
 *     that it is read into is the value
 */
@SuppressWarnings("ArrayRecordComponent") // a message, never compared
public record Frame(FrameType type, long id, byte[] payload, byte @Nullable [] body) {

    static final int HEADER = 2 * Integer.BYTES + Byte.BYTES + Long.BYTES;

    /** A frame without a body. */
    public Frame(FrameType type, long id, byte[] payload) {
        this(type, id, payload, null);
    }

    /** A frame with a value. */
    public Frame(FrameType type, long id, Values.Written value) {
        this(type, id, value.bytes(), value.body());
    }

    /** How many bytes payload and body have. */
    public long size() {
        return payload.length + (body == null ? 0L : body.length);
    }

    void putHeader(ByteBuffer buffer) {
        buffer.putInt(payload.length)
                .putInt(body == null ? 0 : body.length)
                .put(type.code())
                .putLong(id);
    }
}
