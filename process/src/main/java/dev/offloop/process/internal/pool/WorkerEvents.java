package dev.offloop.process.internal.pool;

import dev.offloop.process.internal.wire.Frame;
import org.jspecify.annotations.Nullable;

/** What a platform reports about workers. Events of one worker come one after the other, {@link #gone} last. */
public interface WorkerEvents {

    /** The process was started: the first event. */
    void started(Worker worker, WorkerLink link);

    /** The process has connected, and has proved that it is the one that was started. */
    void connected(Worker worker);

    /** The process has sent a frame. */
    void received(Worker worker, Frame frame);

    /** What the process sent cannot be taken. Its channel is closed. */
    void unreadable(Worker worker, Throwable problem);

    /** The process has ended, or could not be started; {@code problem} says why, then. */
    void gone(Worker worker, @Nullable Throwable problem);

    /** Time has passed: looks at the deadlines. Returns when to look again at the latest, on the platform's clock. */
    long tick();

    /** The platform has ended its threads and left nothing behind. */
    void closed();
}
