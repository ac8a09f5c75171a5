package dev.offloop.process.internal.io;

import dev.offloop.process.internal.pool.Outgoing;
import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameType;
import dev.offloop.process.internal.wire.FrameWriter;
import dev.offloop.process.internal.wire.Values;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way to a worker. The thread that has something to say writes as much as the channel takes at once; the rest is
 * written by the I/O thread when the channel takes more. What is said before the worker has connected waits.
 */
final class WorkerChannel {

    private final IoThread io;

    // ---- guarded by this

    private final ArrayDeque<FrameWriter> unsent = new ArrayDeque<>();

    /** The shapes of lambdas that the worker knows. */
    private final BitSet known = new BitSet();

    private @Nullable SocketChannel channel;
    private boolean closed;

    WorkerChannel(IoThread io) {
        this.io = io;
    }

    /** Sends calls, and before each the shapes of lambdas that are new to the worker, and its context. */
    void send(List<Outgoing> calls) {
        boolean left;
        synchronized (this) {
            List<Frame> frames = new ArrayList<>(calls.size());
            for (Outgoing call : calls) {
                addShapes(call.function().shapes(), frames);
                byte[] context = call.context();
                if (context != null) {
                    frames.add(new Frame(FrameType.CONTEXT, call.number(), context));
                    cutAfterLarge(frames);
                }
                frames.add(new Frame(FrameType.CALL, call.number(), call.function()));
                cutAfterLarge(frames);
            }
            if (!frames.isEmpty()) {
                unsent.add(new FrameWriter(frames));
            }
            left = flush();
        }
        if (left) {
            io.watchForWriting(this);
        }
    }

    void send(Frame frame) {
        boolean left;
        synchronized (this) {
            unsent.add(new FrameWriter(List.of(frame)));
            left = flush();
        }
        if (left) {
            io.watchForWriting(this);
        }
    }

    /** A frame that is not small is the last of its writer. */
    private void cutAfterLarge(List<Frame> frames) {
        assert Thread.holdsLock(this);
        if (!FrameWriter.isSmall(frames.getLast())) {
            unsent.add(new FrameWriter(List.copyOf(frames)));
            frames.clear();
        }
    }

    private void addShapes(List<Values.Shape> shapes, List<Frame> frames) {
        assert Thread.holdsLock(this);
        for (Values.Shape shape : shapes) {
            if (!known.get(shape.id())) {
                known.set(shape.id());
                frames.add(new Frame(FrameType.SHAPE, shape.id(), shape.description()));
            }
        }
    }

    /** Writes what was left. Returns whether there is still some. */
    synchronized boolean flush() {
        SocketChannel channel = this.channel;
        if (closed || channel == null) {
            return false;
        }
        try {
            for (FrameWriter next = unsent.peek(); next != null; next = unsent.peek()) {
                if (!next.writeTo(channel)) {
                    return true;
                }
                unsent.remove();
            }
        } catch (IOException gone) {
            unsent.clear(); // the I/O thread is about to see the end of the channel
        }
        return false;
    }

    /** The worker has connected. Returns whether there is something left to be written. */
    synchronized boolean connected(SocketChannel channel) {
        this.channel = channel;
        return flush();
    }

    synchronized @Nullable SocketChannel channel() {
        return channel;
    }

    /** Nothing more can be sent, and nothing is kept. */
    synchronized void close() {
        closed = true;
        unsent.clear();
        SocketChannel channel = this.channel;
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // nothing is left to close
            }
        }
    }
}
