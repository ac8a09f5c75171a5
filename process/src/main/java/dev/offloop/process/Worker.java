package dev.offloop.process;

import dev.offloop.process.wire.Frame;
import dev.offloop.process.wire.FrameType;
import dev.offloop.process.wire.FrameWriter;
import dev.offloop.process.wire.Values;
import dev.offloop.process.wire.WorkerNote;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parent's picture of a worker process.
 *
 * <p>The thread that took the worker off the idle stack writes to the channel, and the I/O thread when the worker has
 * answered. What the channel does not take at once is left in {@code unsent} for the I/O thread.
 */
final class Worker {

    final long number;
    private volatile @Nullable Process process;
    private @Nullable WorkerNote note;
    private @Nullable PrintedLines lines;
    private long kernelKillsBefore;
    private volatile @Nullable SocketChannel channel;
    private final ArrayDeque<FrameWriter> unsent = new ArrayDeque<>();
    private volatile @Nullable SocketChannel control;

    /** Guarded by itself. */
    private final ArrayDeque<FrameWriter> unsentControl = new ArrayDeque<>();

    /** The shapes of lambdas that it was told. */
    private final BitSet known = new BitSet();

    /** The calls that it has been sent. Guarded by the dispatcher's lock. */
    final Pipeline pipeline = new Pipeline();

    /** Whether it has said hello and run the initializer. Guarded by the dispatcher's lock. */
    boolean ready;

    /** Whether its call was asked to end. Guarded by the dispatcher's lock. */
    boolean stopping;

    /** How many calls it has run. Guarded by the dispatcher's lock. */
    int callsDone;

    /** Since when it has nothing to do. Guarded by the dispatcher's lock. */
    long idleSince;

    /** Why it will never be ready. Only used by the I/O thread. */
    @Nullable
    Throwable problem;

    /** When the call has to be over, on the clock of {@code System.nanoTime()}; guarded by the dispatcher's lock. */
    long callDeadline;

    /** Set when it is on its way to end, wanted or not: it gets no more calls. Guarded by the dispatcher's lock. */
    boolean ending;

    /** Its signs of life; null until it is ready. Guarded by the dispatcher's lock. */
    @Nullable
    Heartbeat heartbeat;

    /** Whether its JVM starts from the AOT cache. Set by the thread that starts it. */
    volatile boolean fromCache;

    /** Only used by the I/O thread. */
    final MemoryGrowth growth = new MemoryGrowth();

    /** Whether it was ended for giving no sign of life. Guarded by the dispatcher's lock. */
    volatile boolean silent;

    /** When a worker that is to end, or to connect, is killed if it has not. */
    volatile long killAt = Long.MAX_VALUE;

    private volatile boolean killed;

    Worker(long number) {
        this.number = number;
    }

    /** The process has been started. One that was given up meanwhile is ended at once. */
    void started(Process process, WorkerNote note, @Nullable PrintedLines lines) {
        this.note = note;
        this.lines = lines;
        this.kernelKillsBefore = Crash.kernelKills();
        this.process = process;
        if (killed) {
            process.destroyForcibly();
        }
    }

    @Nullable
    PrintedLines lines() {
        return lines;
    }

    /** The last that it has printed; empty if that is not read. */
    String lastLines() {
        PrintedLines lines = this.lines;
        return lines == null ? "" : lines.tail();
    }

    long kernelKillsBefore() {
        return kernelKillsBefore;
    }

    boolean wasKilled() {
        return killed;
    }

    /** Asks it to end a call. True if some is left for {@link #flushControl()}. */
    boolean cancel(long call) {
        synchronized (unsentControl) {
            unsentControl.add(new FrameWriter(List.of(new Frame(FrameType.CANCEL, call, new byte[0]))));
            return flushControl();
        }
    }

    /** Its control channel has been connected. True if some is left for {@link #flushControl()}. */
    boolean controlConnected(SocketChannel channel) {
        synchronized (unsentControl) {
            control = channel;
            return flushControl();
        }
    }

    /** Writes more of what the control channel did not take. True if there is still some. */
    boolean flushControl() {
        synchronized (unsentControl) {
            return control != null && write(unsentControl, control);
        }
    }

    @Nullable
    SocketChannel controlChannel() {
        return control;
    }

    /** The process has ended: closes what it had. */
    void close() {
        SocketChannel control = this.control;
        if (control != null) {
            try {
                control.close();
            } catch (IOException broken) {
                // it is closed
            }
        }
    }

    /** Asks the process to end in good order, its shutdown hooks run. */
    void terminate() {
        Process process = this.process;
        if (process != null) {
            process.destroy();
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

    /** Sends calls, and before each the shapes that are news, and its context. True if some is left for {@link #flush()}. */
    synchronized boolean send(List<Outgoing> calls) {
        List<Frame> frames = new ArrayList<>(calls.size());
        for (Outgoing call : calls) {
            addShapes(call.function().shapes(), frames);
            if (call.context() != null) {
                frames.add(new Frame(FrameType.CONTEXT, call.number(), call.context()));
                cutAfterLarge(frames);
            }
            frames.add(new Frame(FrameType.CALL, call.number(), call.function()));
            cutAfterLarge(frames);
        }
        if (!frames.isEmpty()) {
            unsent.add(new FrameWriter(frames));
        }
        return flush();
    }

    /** What is not small is the last of its writer. */
    private void cutAfterLarge(List<Frame> frames) {
        if (!FrameWriter.isSmall(frames.getLast())) {
            unsent.add(new FrameWriter(List.copyOf(frames)));
            frames.clear();
        }
    }

    private void addShapes(List<Values.Shape> shapes, List<Frame> frames) {
        for (Values.Shape shape : shapes) {
            if (!known.get(shape.id())) {
                known.set(shape.id());
                frames.add(new Frame(FrameType.SHAPE, shape.id(), shape.description()));
            }
        }
    }

    /** Sends a frame. True if some is left for {@link #flush()}. */
    synchronized boolean send(Frame frame) {
        unsent.add(new FrameWriter(List.of(frame)));
        return flush();
    }

    /** Writes more of what was left. True if there is still some. */
    synchronized boolean flush() {
        SocketChannel channel = this.channel;
        return channel != null && write(unsent, channel);
    }

    private static boolean write(ArrayDeque<FrameWriter> unsent, SocketChannel channel) {
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

    /** Takes back the calls that it has not begun. */
    List<Call<?>> takeBack() {
        return pipeline.takeBack(note);
    }

    /** Whether the process has begun this call, and the parent has not taken it back. Sure only after its end. */
    boolean hasBegun(Call<?> call) {
        return note != null && note.begun() >= call.number;
    }

    /** How many signs of life it has given. */
    long beats() {
        return note == null ? 0 : note.beats();
    }

    /** What it does, in words for statistics. Under the dispatcher's lock. */
    WorkerStatus status(long now) {
        WorkerStatus.State state = ending
                ? WorkerStatus.State.ENDING
                : !ready
                        ? WorkerStatus.State.STARTING
                        : pipeline.isEmpty()
                                ? WorkerStatus.State.IDLE
                                : stopping ? WorkerStatus.State.STOPPING : WorkerStatus.State.BUSY;
        long since = switch (state) {
            case IDLE -> now - idleSince;
            case BUSY, STOPPING -> now - pipeline.headSince();
            case STARTING, ENDING -> 0;
        };
        return new WorkerStatus(number, pid(), state, callsDone, Duration.ofNanos(Math.max(0, since)));
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
