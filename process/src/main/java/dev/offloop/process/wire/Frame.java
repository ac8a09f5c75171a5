package dev.offloop.process.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

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

    private static final int PIECE = 256 * 1024;
    static final int HEADER = Integer.BYTES + Byte.BYTES + Long.BYTES;

    /** The frame as it is written. */
    public static ByteBuffer encode(FrameType type, long id, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(HEADER + payload.length);
        putHeader(frame, type, id, payload.length);
        return frame.put(payload).flip();
    }

    static void putHeader(ByteBuffer frame, FrameType type, long id, int length) {
        frame.putInt(length).put(type.code()).putLong(id);
    }

    /**
     * Writes some of a frame. Not all at once: for a buffer in the heap, the JDK copies all that it is given on every
     * call, however little the channel takes of it.
     */
    public static int writeSome(ByteBuffer frame, WritableByteChannel channel) throws IOException {
        int end = frame.limit();
        frame.limit(Math.min(end, frame.position() + PIECE));
        try {
            return channel.write(frame);
        } finally {
            frame.limit(end);
        }
    }
}
