package dev.offloop.process.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/**
 * A frame on its way out, as far as the channel has taken it.
 *
 * <p>A small payload is put behind its header, to leave in one call. A large one is written from where it is, piece by
 * piece: for a buffer in the heap the JDK copies all that it is given on every call, however little the channel takes.
 */
public final class FrameWriter {

    /** A payload up to this size is put behind its header. */
    public static final int SMALL = 16 * 1024;

    private static final int PIECE = 256 * 1024;

    private final ByteBuffer head;
    private final ByteBuffer rest;

    /** Begins with the first byte. */
    public FrameWriter(Frame frame) {
        this(List.of(frame));
    }

    /** Writes frames in one go; all but the last are small. */
    public FrameWriter(List<Frame> frames) {
        Frame last = frames.getLast();
        byte[] payload = last.payload();
        boolean small = payload.length <= SMALL;
        int size = small ? 0 : -payload.length;
        for (Frame frame : frames) {
            size += Frame.HEADER + frame.payload().length;
        }
        head = ByteBuffer.allocate(size);
        for (Frame frame : frames) {
            frame.putHeader(head);
            if (small || frame != last) {
                head.put(frame.payload());
            }
        }
        head.flip();
        rest = ByteBuffer.wrap(payload, small ? payload.length : 0, small ? 0 : payload.length);
    }

    /** Writes until all is written, or the channel takes no more. True if all is written. */
    public boolean writeTo(WritableByteChannel channel) throws IOException {
        return write(head, channel) && write(rest, channel);
    }

    private static boolean write(ByteBuffer buffer, WritableByteChannel channel) throws IOException {
        int end = buffer.limit();
        while (buffer.position() < end) {
            buffer.limit(Math.min(end, buffer.position() + PIECE));
            int written = channel.write(buffer);
            buffer.limit(end);
            if (written == 0) {
                return false;
            }
        }
        return true;
    }
}
