package dev.offloop.process.internal.worker;

import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameReader;
import dev.offloop.process.internal.wire.FrameType;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads the control channel on a thread of its own, since the main thread runs functions. The parent sends there which
 * call is to be cancelled, and asks where one is. The channel ends with the parent.
 */
final class Control implements Runnable {

    private static final int BUFFER_SIZE = 1024;

    /** Sends where a call is, or was. */
    interface Reply {
        void send(FrameType type, long call, String text);
    }

    private final WorkerChannel channel;
    private final CurrentCall current;
    private final Reply reply;
    private final Runnable atEnd;
    private final FrameReader reader = new FrameReader();

    /**
     * Of a channel.
     *
     * @param current the call that is asked for or cancelled
     * @param reply gets the frames of calls and the thread dumps
     * @param atEnd called when the parent has ended the channel
     */
    Control(WorkerChannel channel, CurrentCall current, Reply reply, Runnable atEnd) {
        this.channel = channel;
        this.current = current;
        this.reply = reply;
        this.atEnd = atEnd;
    }

    @Override
    public void run() {
        try {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
            while (channel.read(buffer.clear()) >= 0) {
                reader.feed(buffer.flip(), this::handle);
            }
        } catch (IOException | RuntimeException broken) {
            // as good as ended
        }
        if (!channel.isReadingEnded()) {
            atEnd.run();
        }
    }

    private void handle(Frame frame) {
        if (frame.type() == FrameType.SAMPLE) {
            reply.send(FrameType.SAMPLE, frame.id(), current.frames(frame.id()));
        }
        if (frame.type() == FrameType.CANCEL) {
            CurrentCall.Stopped stopped = current.stop(frame.id());
            if (stopped != null) {
                try {
                    reply.send(FrameType.DUMP, frame.id(), stopped.dump());
                } finally {
                    current.dumpSent();
                }
                stopped.callListeners();
            }
        }
    }
}
