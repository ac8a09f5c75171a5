package dev.offloop.process.internal.io;

import dev.offloop.process.internal.pool.WorkerEvents;
import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameReader;
import dev.offloop.process.internal.wire.FrameTooLargeException;
import dev.offloop.process.internal.wire.FrameType;
import dev.offloop.process.internal.wire.Handshake;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the pool's socket: of an unknown process until it has shown its token, then of a worker, for calls
 * or for cancellations. Only used by the I/O thread.
 */
final class Connection {

    /** What a worker sends by itself, a thread dump, for one, is not larger. */
    private static final int MAX_OWN_FRAME = 1024 * 1024;

    /** A process that has not shown its token has nothing long to say. */
    private static final int MAX_FIRST_FRAME = 256;

    /** How often in a row: other workers have something to say too. */
    private static final int MAX_READS = 16;

    private final SocketChannel socket;
    private final IoThread io;
    private final WorkerEvents events;
    private FrameReader reader = new FrameReader(MAX_FIRST_FRAME);
    private @Nullable WorkerProcess process;
    private @Nullable WorkerChannel channel;

    Connection(SocketChannel socket, IoThread io, WorkerEvents events) {
        this.socket = socket;
        this.io = io;
        this.events = events;
    }

    boolean isKnown() {
        return process != null;
    }

    void handle(SelectionKey key) {
        if (key.isReadable()) {
            read(key);
        }
        WorkerChannel channel = this.channel;
        if (channel != null && key.isValid() && key.isWritable() && !channel.flush()) {
            key.interestOpsAnd(~SelectionKey.OP_WRITE);
        }
    }

    private void read(SelectionKey key) {
        try {
            ByteBuffer buffer = io.buffer();
            int count = buffer.capacity();
            for (int reads = 0; reads < MAX_READS && count == buffer.capacity(); reads++) {
                WorkerProcess process = this.process;
                if (process != null && process.isPaused() && channel == process.data) {
                    key.interestOpsAnd(~SelectionKey.OP_READ);
                    return;
                }
                count = socket.read(buffer.clear());
                if (count < 0) {
                    hangUp(key);
                    return;
                }
                boolean wasKnown = isKnown();
                reader.feed(buffer.flip(), frame -> accept(frame, key));
                if (!wasKnown && isKnown()) {
                    reader = new FrameReader(Math.max(io.maxResultSize(), MAX_OWN_FRAME));
                }
            }
        } catch (IOException reset) {
            hangUp(key);
        } catch (RuntimeException | Error e) { // no frames of ours, or one that is too large, or no memory for it
            hangUp(key);
            WorkerProcess process = this.process;
            if (process != null) {
                events.unreadable(process.worker, e);
            }
        }
    }

    private void accept(Frame frame, SelectionKey key) {
        WorkerProcess process = this.process;
        if (process == null) {
            identify(frame, key);
        } else if (channel == process.data) {
            if (frame.size() > io.maxResultSize() && frame.type() != FrameType.DUMP) {
                throw new FrameTooLargeException(frame.size(), io.maxResultSize(), frame.type(), frame.id());
            }
            events.received(process.worker, frame);
        } // else a worker has nothing to say where it listens
    }

    private void identify(Frame hello, SelectionKey key) {
        boolean forControl = hello.type() == FrameType.CONTROL_HELLO;
        WorkerProcess candidate = forControl ? io.withoutControl(hello.id()) : io.starting(hello.id());
        if (candidate == null
                || (!forControl && hello.type() != FrameType.HELLO)
                || !Handshake.hasToken(hello, candidate.token)) {
            throw new IllegalArgumentException("not a worker of this pool");
        }
        if (forControl) {
            known(candidate, candidate.control, key);
            io.controlled(candidate);
        } else {
            candidate.maxHeap(Handshake.maxMemory(hello));
            known(candidate, candidate.data, key);
            io.connected(candidate);
            events.connected(candidate.worker);
        }
    }

    private void known(WorkerProcess process, WorkerChannel channel, SelectionKey key) {
        this.process = process;
        this.channel = channel;
        io.known(this);
        if (channel.connected(socket)) {
            key.interestOpsOr(SelectionKey.OP_WRITE);
        }
    }

    /** Closes the connection; a worker whose calls came through it is about to end. */
    void hangUp(SelectionKey key) {
        key.cancel();
        try {
            socket.close();
        } catch (IOException e) {
            // nothing is left to close
        }
        io.known(this); // whether it was or not, it does not count any more
        WorkerProcess process = this.process;
        WorkerChannel channel = this.channel;
        if (process != null && channel != null) {
            channel.close();
            if (channel == process.data) {
                io.hungUp(process);
            }
        }
    }
}
