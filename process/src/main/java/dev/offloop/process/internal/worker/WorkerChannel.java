package dev.offloop.process.internal.worker;

import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameWriter;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the parent that no interrupt closes.
 *
 * <p>A {@code SocketChannel} in blocking mode is closed by an interrupt of the thread that reads or writes, and
 * functions interrupt threads at any time. So the socket is in non-blocking mode, where reading and writing do not look
 * at interrupts, and a thread that has to wait does so in a selector, which an interrupt wakes up and does no harm to.
 *
 * <p>A worker process never closes it: the parent reads its end when the process has ended.
 */
final class WorkerChannel {

    private static final Consumer<SelectionKey> NOTHING = _ -> {};

    private final SocketChannel socket;
    private final Selector readable;
    private final Object writing = new Object();
    private volatile boolean readingEnded;

    /** Opened when the socket is full for the first time. Guarded by {@code writing}. */
    private volatile @Nullable Selector writable;

    private WorkerChannel(SocketChannel socket) throws IOException {
        this.socket = socket;
        socket.configureBlocking(false);
        this.readable = Selector.open();
        socket.register(readable, SelectionKey.OP_READ);
    }

    /** Connects to a parent. */
    static WorkerChannel connect(UnixDomainSocketAddress parent) throws IOException {
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            socket.connect(parent);
            return new WorkerChannel(socket);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Waits for bytes and reads them; for one thread. Clears the interrupts of that thread: while it reads there is no
     * function that they could be for.
     *
     * @return how many, or -1 at the end of the channel or after {@link #endReading()}
     */
    int read(ByteBuffer piece) throws IOException {
        while (!readingEnded) {
            boolean _ = Thread.interrupted(); // else the selector would not wait
            readable.select(NOTHING); // first, since there is rarely something to read at once
            int count = socket.read(piece);
            if (count != 0) {
                return count;
            }
        }
        return -1;
    }

    /** Makes the thread that reads see the end of the channel, though the parent has not ended it. */
    void endReading() {
        readingEnded = true;
        readable.wakeup();
    }

    boolean isReadingEnded() {
        return readingEnded;
    }

    /** Ends reading and writing, for the parent too, and for threads that wait in one of them. */
    void close() {
        readingEnded = true;
        Selector writable = this.writable;
        try {
            socket.close();
            readable.close();
            if (writable != null) {
                writable.close();
            }
        } catch (IOException e) {
            // nothing is left to close
        }
    }

    /** Writes a frame, from any thread. An interrupt is still there for the caller after that. */
    void write(Frame message) throws IOException {
        var frame = new FrameWriter(List.of(message));
        boolean interrupted = false;
        try {
            synchronized (writing) {
                while (!frame.writeTo(socket)) {
                    interrupted |= Thread.interrupted(); // else the selector would not wait
                    writable().select(NOTHING);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Selector writable() throws IOException {
        Selector selector = writable;
        if (selector == null) {
            selector = Selector.open();
            writable = selector;
            socket.register(selector, SelectionKey.OP_WRITE);
        }
        return selector;
    }
}
