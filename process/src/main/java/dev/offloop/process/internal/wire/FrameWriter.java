package dev.offloop.process.internal.wire;

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

    /** What is larger is written from where it is. */
    static final int SMALL = 16 * 1024;

    private final ByteBuffer head;
    private final ByteBuffer rest;
    private final ByteBuffer body;

    /** Writes frames in one go; all but the last are {@linkplain #isSmall small}. */
    public FrameWriter(List<Frame> frames) {
        Frame last = frames.getLast();
        boolean inHead = last.payload().length <= SMALL;
        int size = inHead ? 0 : -last.payload().length;
        for (Frame frame : frames) {
            size += Frame.HEADER + frame.payload().length;
        }
        head = ByteBuffer.allocate(size);
        for (Frame frame : frames) {
            frame.putHeader(head);
            if (inHead || frame != last) {
                head.put(frame.payload());
            }
        }
        head.flip();
        rest = inHead ? ByteBuffer.allocate(0) : ByteBuffer.wrap(last.payload());
        byte[] lastBody = last.body();
        body = lastBody == null ? ByteBuffer.allocate(0) : ByteBuffer.wrap(lastBody);
    }

    /** Whether others may follow it. */
    public static boolean isSmall(Frame frame) {
        return frame.payload().length <= SMALL && frame.body() == null;
    }

    /** Writes until all is written, or the channel takes no more. True if all is written. */
    public boolean writeTo(WritableByteChannel channel) throws IOException {
        return write(head, channel) && write(rest, channel) && write(body, channel);
    }

    private static boolean write(ByteBuffer buffer, WritableByteChannel channel) throws IOException {
        int end = buffer.limit();
        while (buffer.position() < end) {
            buffer.limit(Math.min(end, buffer.position() + Protocol.BUFFER_SIZE));
            int written = channel.write(buffer);
            buffer.limit(end);
            if (written == 0) {
                return false;
            }
        }
        return true;
    }
}
