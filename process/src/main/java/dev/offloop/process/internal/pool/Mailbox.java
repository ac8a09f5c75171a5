package dev.offloop.process.internal.pool;

import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameType;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What a worker has sent and the pool cannot read without running foreign code: results that JDK serialization or a
 * codec has written, exceptions, progress. They are read one by one on a thread that does nothing else.
 *
 * <p>A worker whose frames come faster than they are read has to wait: beyond a number of frames, or of bytes, the
 * platform stops reading from its channel. A frame that cannot be read in the time of its call is given up with its
 * worker.
 *
 * <p>The frames are guarded by the pool's lock. {@link #step} runs on one thread at a time: it ends its run when it
 * finds no frame, in the step of the pool that sees that there is none, and the next frame starts another run.
 */
final class Mailbox implements Job {

    private static final int MAX_FRAMES = 256;
    private static final long MAX_BYTES = 4 * 1024 * 1024;

    private final Worker worker;
    private final Dispatcher dispatcher;
    private final ArrayDeque<Frame> frames = new ArrayDeque<>();
    private long bytes;
    private boolean running;
    private boolean closed;

    /** Written under the lock only. */
    private volatile boolean paused;

    /** What is read next. Only used by the run, which hands it over to the next run under the lock. */
    private @Nullable Taken taken;

    /**
     * A frame that was taken out to be read.
     *
     * @param frame the frame
     * @param call the call that it is about; null if that is not the worker's first any more
     */
    record Taken(Frame frame, @Nullable Call<?> call) {}

    Mailbox(Worker worker, Dispatcher dispatcher) {
        this.worker = worker;
        this.dispatcher = dispatcher;
    }

    /** Whether a frame is being read, or waits for that. */
    boolean isRunning() {
        return running;
    }

    /** Whether its worker has to wait, with what it has sent. */
    boolean isPaused() {
        return paused;
    }

    /** Whether nothing is read any more. */
    boolean isClosed() {
        return closed;
    }

    /** Adds a frame. Returns whether a run has to be started. */
    boolean add(Frame frame, Effects effects) {
        if (closed) {
            return false;
        }
        frames.addLast(frame);
        bytes += frame.size();
        if (!paused && (frames.size() > MAX_FRAMES || bytes > MAX_BYTES)) {
            paused = true;
            effects.add(this::pauseOrResume);
        }
        boolean start = !running;
        running = true;
        return start;
    }

    /** Takes the next frame, or ends the run. */
    @Nullable
    Frame next(Effects effects) {
        Frame frame = frames.pollFirst();
        if (frame == null) {
            running = false;
        } else {
            bytes -= frame.size();
        }
        if (paused && frames.size() <= MAX_FRAMES / 2 && bytes <= MAX_BYTES / 2) {
            paused = false;
            effects.add(this::pauseOrResume);
        }
        return frame;
    }

    /** The thread that fills it and the one that empties it may do this at the same time, and in any order. */
    private void pauseOrResume() {
        WorkerLink link = worker.link;
        if (link == null) {
            return;
        }
        boolean done;
        do {
            done = paused;
            if (done) {
                link.pauseEvents();
            } else {
                link.resumeEvents();
            }
        } while (done != paused);
    }

    /**
     * Drops all frames, and those to come: the worker has gone, or is killed. Returns whether a run is still under way.
     */
    boolean close() {
        closed = true;
        frames.clear();
        bytes = 0;
        return running;
    }

    // ---- on a thread for foreign code

    /** Takes a frame, or reads the one that it has taken: the pool may change between the two. */
    @Override
    public boolean step() {
        Taken taken = this.taken;
        if (taken == null) {
            this.taken = dispatcher.takeNext(worker);
            return this.taken != null;
        }
        this.taken = null;
        dispatcher.readTaken(worker, taken);
        return true;
    }

    /** Whether an answer of the function ends its call. */
    static boolean isAnswer(Frame frame) {
        return frame.type() == FrameType.RESULT || frame.type() == FrameType.FAILURE;
    }

    /** Whether a function says something that its caller hears, also when its worker was killed after that. */
    static boolean isOfCall(Frame frame) {
        return isAnswer(frame) || frame.type() == FrameType.PROGRESS;
    }
}
