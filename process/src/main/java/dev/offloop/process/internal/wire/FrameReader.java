package dev.offloop.process.internal.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Assembles frames from the pieces in which a channel delivers them.
 *
 * <p>The lengths in a header are claims of the other process. They are compared with a limit before anything is
 * allocated, and memory is allocated as bytes arrive, never much more than has really arrived: a header alone costs 1
 * MiB at most.
 */
public final class FrameReader {

    private static final byte[] NONE = {};

    private final long maxFrameBytes;
    private final ByteBuffer header = ByteBuffer.allocate(Frame.HEADER);
    private @Nullable Incoming incoming;

    /** A reader without a limit, for a process that trusts the sender. */
    public FrameReader() {
        this(Integer.MAX_VALUE);
    }

    /**
     * A reader with a limit.
     *
     * @param maxFrameBytes the largest payload and the largest body that are accepted, each, in bytes
     */
    public FrameReader(long maxFrameBytes) {
        this.maxFrameBytes = maxFrameBytes;
    }

    /**
     * Takes all bytes of a piece and hands over each frame that it completes. A reader that has thrown cannot be used
     * again.
     *
     * @throws FrameTooLargeException if a payload or body is longer than the limit
     * @throws IllegalArgumentException if these are no frames
     */
    public void feed(ByteBuffer piece, Consumer<Frame> frames) {
        while (piece.hasRemaining()) {
            Incoming frame = incoming;
            if (frame == null) {
                while (header.hasRemaining() && piece.hasRemaining()) {
                    header.put(piece.get());
                }
                if (header.hasRemaining()) {
                    return;
                }
                frame = readHeader();
                incoming = frame;
            }
            if (frame.payload.take(piece) && frame.body.take(piece)) {
                incoming = null;
                frames.accept(frame.complete());
            }
        }
    }

    private Incoming readHeader() {
        header.flip();
        int length = header.getInt();
        int bodyLength = header.getInt();
        FrameType type = FrameType.of(header.get());
        long id = header.getLong();
        var times = new Frame.Times(Math.max(0, header.getLong()), Math.max(0, header.getLong()));
        header.clear();
        if (length < 0 || bodyLength < 0) {
            throw new IllegalArgumentException("A frame cannot have " + length + " and " + bodyLength + " bytes");
        }
        int longest = Math.max(length, bodyLength);
        if (longest > maxFrameBytes) {
            throw new FrameTooLargeException(longest, maxFrameBytes, type, id);
        }
        return new Incoming(type, id, times, new Part(length), new Part(bodyLength));
    }

    private record Incoming(FrameType type, long id, Frame.Times times, Part payload, Part body) {

        Frame complete() {
            return new Frame(type, id, payload.bytes, body.length == 0 ? null : body.bytes, times);
        }
    }

    /** An array that grows to its announced length as bytes arrive. */
    private static final class Part {

        private static final int FIRST = 1024 * 1024;
        private static final int FACTOR = 8;

        private final int length;
        private byte[] bytes = NONE;
        private int filled;

        Part(int length) {
            this.length = length;
        }

        /** Takes what the piece has for this part. Returns whether the part is complete. */
        boolean take(ByteBuffer piece) {
            while (filled < length && piece.hasRemaining()) {
                if (filled == bytes.length) {
                    bytes = Arrays.copyOf(bytes, (int) Math.min(length, Math.max(FIRST, (long) FACTOR * filled)));
                }
                int count = Math.min(piece.remaining(), bytes.length - filled);
                piece.get(bytes, filled, count);
                filled += count;
            }
            return filled == length;
        }
    }
}
