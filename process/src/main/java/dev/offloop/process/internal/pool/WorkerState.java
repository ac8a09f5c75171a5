package dev.offloop.process.internal.pool;

import dev.offloop.process.WorkerStatus;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * What a worker does. {@link #NEXT} is the whole of its life: whatever is not in that table does not happen.
 *
 * <p>Three verbs lead out of a worker's life in good order and out of order: a <em>call</em> is cancelled, a
 * <em>worker</em> is retired, a <em>process</em> is killed.
 */
public enum WorkerState {
    /** Its process is being started, or has not connected yet. */
    STARTING(WorkerStatus.State.STARTING),
    /** Its process runs the initializer. */
    INITIALIZING(WorkerStatus.State.STARTING),
    /** It lies on the idle stack, ready for a call. */
    IDLE(WorkerStatus.State.IDLE),
    /** It has a call. */
    BUSY(WorkerStatus.State.BUSY),
    /** The call that it runs was asked to end. */
    CANCELLING(WorkerStatus.State.CANCELLING),
    /** Its process was asked to end, and gets no more calls. */
    RETIRING(WorkerStatus.State.RETIRING),
    /** Its process was killed, and its end has not been seen yet. */
    KILLED(WorkerStatus.State.KILLED),
    /** Its process has ended by itself, and answers that it sent before are still being read. */
    ENDED(WorkerStatus.State.KILLED),
    /** Nothing of it is left in the pool. */
    GONE(WorkerStatus.State.KILLED);

    /** The states that may follow each state. */
    static final Map<WorkerState, Set<WorkerState>> NEXT = new EnumMap<>(Map.of(
            STARTING, EnumSet.of(INITIALIZING, IDLE, RETIRING, KILLED, GONE),
            INITIALIZING, EnumSet.of(IDLE, RETIRING, KILLED, ENDED, GONE),
            IDLE, EnumSet.of(BUSY, RETIRING, KILLED, ENDED, GONE),
            BUSY, EnumSet.of(IDLE, CANCELLING, RETIRING, KILLED, ENDED, GONE),
            CANCELLING, EnumSet.of(IDLE, BUSY, RETIRING, KILLED, ENDED, GONE),
            RETIRING, EnumSet.of(KILLED, ENDED, GONE),
            KILLED, EnumSet.of(GONE),
            ENDED, EnumSet.of(GONE),
            GONE, EnumSet.noneOf(WorkerState.class)));

    private final WorkerStatus.State status;

    WorkerState(WorkerStatus.State status) {
        this.status = status;
    }

    boolean mayBecome(WorkerState next) {
        Set<WorkerState> allowed = NEXT.get(this);
        return allowed != null && allowed.contains(next);
    }

    /** Whether it has not run a call yet, since it is not ready for one. */
    boolean isStarting() {
        return this == STARTING || this == INITIALIZING;
    }

    /** Whether it has a call, or may be given one. */
    boolean isServing() {
        return this == IDLE || this == BUSY || this == CANCELLING;
    }

    /** Whether it gets no more calls. */
    boolean isEnding() {
        return this == RETIRING || this == KILLED || this == ENDED || this == GONE;
    }

    /** The state as users see it. */
    WorkerStatus.State status() {
        return status;
    }
}
