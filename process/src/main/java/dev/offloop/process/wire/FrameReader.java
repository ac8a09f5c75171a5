package dev.offloop.process.wire;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts frames together from the pieces in which a channel gives them. */
public final class FrameReader {

    private final ByteBuffer header = ByteBuffer.allocate(Frame.HEADER);
    private byte @Nullable [] payload;
    private int filled;
    private FrameType type = FrameType.HELLO;
    private long id;

    /**
     * Takes all bytes of a piece and hands over each frame that it completes.
     *
     * @throws IllegalArgumentException if these are no frames
     */
    public void feed(ByteBuffer piece, Consumer<Frame> frames) {
        while (piece.hasRemaining()) {
            if (payload == null) {
                while (header.hasRemaining() && piece.hasRemaining()) {
                    header.put(piece.get());
                }
                if (header.hasRemaining()) {
                    return;
                }
                beginPayload();
            }
            byte[] payload = this.payload;
            if (payload != null) {
                int count = Math.min(piece.remaining(), payload.length - filled);
                piece.get(payload, filled, count);
                filled += count;
                if (filled == payload.length) {
                    this.payload = null;
                    frames.accept(new Frame(type, id, payload));
                }
            }
        }
    }

    private void beginPayload() {
        header.flip();
        int length = header.getInt();
        if (length < 0) {
            throw new IllegalArgumentException("A frame cannot have " + length + " bytes");
        }
        type = FrameType.of(header.get());
        id = header.getLong();
        header.clear();
        payload = new byte[length];
        filled = 0;
    }
}
