package dev.offloop.process.wire;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Puts frames together from the pieces in which a channel gives them. */
public final class FrameReader {

    private static final byte[] NONE = {};

    private final ByteBuffer header = ByteBuffer.allocate(Frame.HEADER);
    private byte[] payload = NONE;
    private byte[] body = NONE;
    private int filled;
    private boolean inFrame;
    private FrameType type = FrameType.HELLO;
    private long id;

    /**
     * Takes all bytes of a piece and hands over each frame that it completes.
     *
     * @throws IllegalArgumentException if these are no frames
     */
    public void feed(ByteBuffer piece, Consumer<Frame> frames) {
        while (piece.hasRemaining()) {
            if (!inFrame) {
                while (header.hasRemaining() && piece.hasRemaining()) {
                    header.put(piece.get());
                }
                if (header.hasRemaining()) {
                    return;
                }
                begin();
            }
            take(piece);
            if (filled == payload.length + body.length) {
                end(frames);
            }
        }
    }

    private void take(ByteBuffer piece) {
        if (filled < payload.length) {
            int count = Math.min(piece.remaining(), payload.length - filled);
            piece.get(payload, filled, count);
            filled += count;
        }
        int at = filled - payload.length;
        if (at >= 0 && at < body.length) {
            int count = Math.min(piece.remaining(), body.length - at);
            piece.get(body, at, count);
            filled += count;
        }
    }

    private void begin() {
        header.flip();
        int length = header.getInt();
        int bodyLength = header.getInt();
        if (length < 0 || bodyLength < 0 || length + bodyLength < 0) {
            throw new IllegalArgumentException("A frame cannot have " + length + " and " + bodyLength + " bytes");
        }
        type = FrameType.of(header.get());
        id = header.getLong();
        header.clear();
        payload = length == 0 ? NONE : new byte[length];
        body = bodyLength == 0 ? NONE : new byte[bodyLength];
        filled = 0;
        inFrame = true;
    }

    private void end(Consumer<Frame> frames) {
        var frame = new Frame(type, id, payload, body == NONE ? null : body);
        payload = NONE;
        body = NONE;
        inFrame = false;
        frames.accept(frame);
    }
}
