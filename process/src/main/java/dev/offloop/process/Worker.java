package dev.offloop.process;

import dev.offloop.process.wire.Frame;
import dev.offloop.process.wire.FrameReader;
import dev.offloop.process.wire.FrameWriter;
import dev.offloop.process.wire.WorkerNote;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The parent's picture of a worker process.
 *
 * <p>At any time one thread may write to the channel: the one that took the worker off the idle stack, or the I/O thread
 * when the worker has answered. What the channel does not take at once is left in {@code unsent} for the I/O thread.
 */
final class Worker {

    final long number;
    final FrameReader reader = new FrameReader();
    private volatile @Nullable Process process;
    private @Nullable WorkerNote note;
    private volatile @Nullable SocketChannel channel;
    private @Nullable FrameWriter unsent;

    /** The call that runs; written under the dispatcher's lock. */
    volatile @Nullable Call<?> call;

    /** When the call has to be over, on the clock of {@code System.nanoTime()}; guarded by the dispatcher's lock. */
    long callDeadline;

    /** Set when it is on its way to end, wanted or not: it gets no more calls. Guarded by the dispatcher's lock. */
    boolean ending;

    /** When a worker that is to end, or to connect, is killed if it has not. */
    volatile long killAt = Long.MAX_VALUE;

    private volatile boolean killed;

    Worker(long number) {
        this.number = number;
    }

    /** The process has been started. One that was given up meanwhile is ended at once. */
    void started(Process process, WorkerNote note) {
        this.note = note;
        this.process = process;
        if (killed) {
            process.destroyForcibly();
        }
    }

    boolean hasProcess() {
        return process != null;
    }

    boolean isAlive() {
        Process process = this.process;
        return process != null && process.isAlive();
    }

    long pid() {
        Process process = this.process;
        return process == null ? -1 : process.pid();
    }

    void connected(SocketChannel channel) {
        this.channel = channel;
    }

    @Nullable
    SocketChannel channel() {
        return channel;
    }

    /** Writes what the channel takes. True if some is left for {@link #flush()}. */
    synchronized boolean send(Frame frame) {
        unsent = new FrameWriter(frame);
        return flush();
    }

    /** Writes more of what was left. True if there is still some. */
    synchronized boolean flush() {
        FrameWriter unsent = this.unsent;
        SocketChannel channel = this.channel;
        if (unsent == null || channel == null) {
            return false;
        }
        boolean written = true;
        try {
            written = unsent.writeTo(channel);
        } catch (IOException gone) {
            // the I/O thread is about to see the end of the channel
        }
        if (written) {
            this.unsent = null;
        }
        return !written;
    }

    /** Whether the process has begun this call. Sure only after the end of the process. */
    boolean hasBegun(Call<?> call) {
        return note != null && note.lastStarted() == call.id;
    }

    void kill() {
        killed = true;
        Process process = this.process;
        if (process != null) {
            process.destroyForcibly();
        }
    }

    /** How the process ended. Only after its end. */
    ExitStatus exitStatus() {
        Process process = this.process;
        if (process == null) {
            return ExitStatus.of(ExitStatus.NONE, false);
        }
        return ExitStatus.of(process.exitValue(), note != null && note.orderly());
    }
}
