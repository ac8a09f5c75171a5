package dev.offloop.process.wire;

import java.nio.ByteBuffer;

/**
 * A message between parent and worker: the length of the payload (4 bytes), the type (1), the id of the call (8), then
 * the payload. The id stands outside of the payload, so that one that cannot be read fails its own call only.
 *
 * @param type what it says
 * @param id the call it is about
 * @param payload the rest
 */
@SuppressWarnings("ArrayRecordComponent") // a message, never compared
public record Frame(FrameType type, long id, byte[] payload) {

    static final int HEADER = Integer.BYTES + Byte.BYTES + Long.BYTES;

    void putHeader(ByteBuffer buffer) {
        buffer.putInt(payload.length).put(type.code()).putLong(id);
    }
}
