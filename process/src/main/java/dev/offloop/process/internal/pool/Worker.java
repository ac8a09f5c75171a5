package dev.offloop.process.internal.pool;

import dev.offloop.process.WorkerEnd;
import dev.offloop.process.WorkerStatus;
import dev.offloop.process.internal.util.Log;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A worker as the pool sees it: a {@link WorkerState}, the calls that it has, and its times. What it does to its
 * process goes through the {@link WorkerLink}.
 *
 * <p><b>Locking.</b> All fields that change are guarded by the pool's lock, and {@link #become} asserts that it is
 * held. There is no exception: the link, which is set once when the process has been started, is read by effects too,
 * which were made under the lock after that.
 */
public final class Worker {

    /** Its place among all workers of the pool, from 1. */
    public final long number;

    private final ReentrantLock lock;

    // ---- guarded by the pool's lock

    private WorkerState state = WorkerState.STARTING;

    /** Null until its process has been started. */
    @Nullable
    WorkerLink link;

    /** Which of the workers that live at a time it is, from 0; -1 until its process is launched. */
    int index = -1;

    final Pipeline pipeline = new Pipeline();
    final MemoryGrowth growth = new MemoryGrowth();
    final Mailbox mailbox;

    /** Whether it was ever ready for a call. */
    boolean wasReady;

    /** Whether its pipeline was deep when that was last looked at. */
    boolean deep;

    /** How many calls it has answered. */
    int callsDone;

    /** Since when it is idle. */
    long idleSince;

    /** When it has to be ready. */
    long startDeadline = Platform.NEVER;

    /** When the call that it runs has to be over. */
    long callDeadline = Platform.NEVER;

    /** The processor time of the call that it runs; null if that has no limit. */
    @Nullable
    CpuBudget cpuBudget;

    /** When its process is killed if it does not do what it was asked to. */
    long killAt = Platform.NEVER;

    /** The call without an answer although the status says that a later one has begun; 0 if there is none. */
    long contradicted;

    /** When that was seen first. */
    long contradictedAt;

    /** Its signs of life; null until it is ready. */
    @Nullable
    Heartbeat heartbeat;

    /** Why it will never be ready. */
    @Nullable
    Throwable problem;

    /** Why it was retired or killed; null while it was not. */
    @Nullable
    WorkerEnd end;

    /** What the pool knows about the end of its process, in words that follow "killed by SIGKILL". */
    String details = "";

    Worker(long number, ReentrantLock lock, Dispatcher dispatcher) {
        this.number = number;
        this.lock = lock;
        this.mailbox = new Mailbox(this, dispatcher);
    }

    WorkerState state() {
        return state;
    }

    boolean is(WorkerState some) {
        return state == some;
    }

    /**
     * Changes its state. A change that is not in the table is a defect of the pool: tests stop there, and in production
     * the worker is killed, since nothing is known of it any more.
     *
     * @return whether the change took place
     */
    boolean become(WorkerState next) {
        assert lock.isHeldByCurrentThread() : "the pool's lock guards workers";
        if (state == next) {
            return true;
        }
        boolean allowed = state.mayBecome(next);
        assert allowed : "Worker " + number + " cannot go from " + state + " to " + next;
        if (allowed) {
            state = next;
            return true;
        }
        Log.OFFLOOP.log(
                System.Logger.Level.ERROR,
                "Worker " + number + " of a process pool cannot go from " + state + " to " + next
                        + ". It is killed. This is a defect of Offloop: please report it");
        if (state != WorkerState.GONE) {
            state = WorkerState.KILLED;
            WorkerLink link = this.link;
            if (link != null) {
                link.kill();
            }
        }
        return false;
    }

    /** Whether its process has begun a call. Certain only when the process has ended. */
    boolean hasBegun(Call<?> call) {
        return link != null && pipeline.hasBegun(call, link);
    }

    WorkerStatus status(long now) {
        long since = switch (state) {
            case IDLE -> now - idleSince;
            case BUSY, CANCELLING -> now - pipeline.headSince();
            default -> 0;
        };
        return new WorkerStatus(number, pid(), state.status(), callsDone, Duration.ofNanos(Math.max(0, since)), index);
    }

    /** For the platform, which launches its process: set by then, and not changed any more. */
    public int index() {
        return index;
    }

    long pid() {
        return link == null ? -1 : link.pid();
    }

    @Override
    public String toString() {
        return "worker " + number + " " + state;
    }
}
