package dev.offloop.process.internal.pool;

import dev.offloop.internal.util.Nanos;
import dev.offloop.process.WorkerEnd;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the pool's time: deadlines of calls, starts and ends, signs of life, idle workers.
 *
 * <p>Runs on a thread that does nothing else and runs no foreign code. Before it holds anything against a worker it
 * makes sure that what the worker had sent by then was read; and its clock stands still while this process does, so
 * that a parent that was stopped does not take its own absence for that of its workers.
 */
final class Supervisor {

    /** A worker that has not begun a call after this time does not respond: its process is stopped, for one. */
    static final long UNRESPONSIVE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A longer heartbeat timeout is for those who stop workers on purpose, to debug them. */
    private static final long DEFAULT_HEARTBEAT_NANOS = PoolOptions.DEFAULT_HEARTBEAT.toNanos();

    private final Pool pool;
    private final PoolState state;
    private final PoolOptions options;
    private final long unresponsiveAfter;

    /** For how long a worker's status may contradict its answers. */
    private final long contradictedFor;

    Supervisor(Pool pool) {
        this.pool = pool;
        this.state = pool.state;
        this.options = state.options;
        this.unresponsiveAfter =
                options.heartbeatTimeout() > DEFAULT_HEARTBEAT_NANOS ? options.heartbeatTimeout() : UNRESPONSIVE_NANOS;
        this.contradictedFor = options.debugging() ? Platform.NEVER : UNRESPONSIVE_NANOS;
    }

    /** Looks at all times there are. Returns when the next look is due. */
    long tick() {
        long now = state.platform.now();
        long next;
        Effects effects = state.enter();
        try {
            next = state.jvmShutdownDeadline;
            if (next <= now) {
                next = Platform.NEVER;
                effects.add(pool.lifecycle::jvmShutdownOver);
            }
            boolean back = false;
            for (Worker worker : List.copyOf(state.workers)) {
                back |= takeBackSlow(worker, now, effects);
                next = Math.min(next, look(worker, now, effects));
            }
            next = Math.min(next, retireIdle(now, effects));
            if (back) {
                pool.dispatcher.distribute(effects);
            }
        } finally {
            state.leave(effects);
        }
        return next;
    }

    /** Calls behind one that takes long are taken back. */
    private boolean takeBackSlow(Worker worker, long now, Effects effects) {
        if (!worker.pipeline.hasWaiting() || now < worker.pipeline.slowAt()) {
            return false;
        }
        WorkerLink link = worker.link;
        boolean back = pool.dispatcher.takeBack(worker);
        if (worker.pipeline.isEmpty()) {
            // It has not even begun the first. It may not respond, and that shows by one call that nothing takes back.
            worker.pipeline.forgetPace();
            pool.dispatcher.advance(worker, null, effects);
        } else if (link != null && worker.state().isServing()) {
            checkStatus(worker, link, now, effects);
        }
        return back;
    }

    /**
     * Kills a worker whose status contradicts its answers, when that was so for a while and all was read that had
     * arrived when it was seen first: an honest worker writes to its status just after it has sent an answer, and a
     * callback of a user may keep the answer from being read.
     */
    private void checkStatus(Worker worker, WorkerLink link, long now, Effects effects) {
        long contradicted = worker.mailbox.isPaused() ? 0 : worker.pipeline.contradiction(link);
        if (contradicted != worker.contradicted) {
            worker.contradicted = contradicted;
            worker.contradictedAt = state.platform.now();
        }
        if (contradicted != 0 && isOver(Nanos.after(worker.contradictedAt, contradictedFor), now)) {
            pool.ends.violated(worker, "a status that contradicts its answers", effects);
        }
    }

    /** Looks at one worker. Returns when it has to be looked at again. */
    private long look(Worker worker, long now, Effects effects) {
        return switch (worker.state()) {
            case STARTING, INITIALIZING -> lookAtStart(worker, now, effects);
            case IDLE, BUSY, CANCELLING -> lookAtService(worker, now, effects);
            case RETIRING -> killIfDue(worker, now, effects);
            case ENDED -> lookAtReading(worker, now, effects);
            case KILLED -> lookAtLaunch(worker, now, effects);
            case GONE -> Platform.NEVER;
        };
    }

    private long lookAtStart(Worker worker, long now, Effects effects) {
        long due = Math.min(worker.startDeadline, worker.killAt);
        return isOver(due, now) ? pool.starter.late(worker, now, effects) : again(due, now);
    }

    /** The worker was killed. While its launch hangs there is no process whose end will be reported. */
    private long lookAtLaunch(Worker worker, long now, Effects effects) {
        return worker.link == null ? lookAtStart(worker, now, effects) : Platform.NEVER;
    }

    private long lookAtService(Worker worker, long now, Effects effects) {
        Heartbeat heartbeat = worker.heartbeat;
        WorkerLink link = worker.link;
        if (link == null || heartbeat == null) {
            return Platform.NEVER;
        }
        Call<?> call = worker.pipeline.head();
        boolean silent = heartbeat.isSilent(link.beats(), now);
        long next = heartbeat.nextCheck();
        if (call != null && !worker.hasBegun(call)) {
            long respondBy = Nanos.after(worker.pipeline.headSince(), unresponsiveAfter);
            silent |= respondBy <= now;
            next = Math.min(next, respondBy);
        }
        if (silent) {
            pool.dispatcher.takeBack(worker);
            worker.details = ", since it gave no sign of life";
            pool.ends.kill(worker, WorkerEnd.SILENT, effects);
            pool.dispatcher.distribute(effects);
            return Platform.NEVER;
        }
        if (worker.is(WorkerState.CANCELLING)) {
            return Math.min(next, killIfDue(worker, now, effects));
        }
        CpuBudget budget = worker.cpuBudget;
        if (budget != null) {
            next = Math.min(next, budget.look(now, effects));
        }
        if (call != null && isOver(worker.callDeadline, now)) {
            if (worker.hasBegun(call)) {
                call.timedOut = true;
                pool.dispatcher.cancelHead(worker, now, effects);
                pool.dispatcher.distribute(effects);
                return Math.min(next, worker.killAt);
            }
            pool.dispatcher.headBegins(
                    worker, now, effects); // the worker has not come to it, so its time has not begun
        }
        if (worker.pipeline.hasWaiting()) { // those that still wait when the first is slow have begun, it seems
            long due = now < worker.pipeline.slowAt()
                    ? worker.pipeline.slowAt()
                    : worker.contradicted == 0 ? Platform.NEVER : Nanos.after(worker.contradictedAt, contradictedFor);
            next = Math.min(next, again(due, now));
        }
        return Math.min(next, again(worker.callDeadline, now));
    }

    /** The process has ended, and the answer that it sent before is still being read, within the time of its call. */
    private long lookAtReading(Worker worker, long now, Effects effects) {
        if (!worker.wasReady) {
            return lookAtStart(worker, now, effects);
        }
        Call<?> call = worker.pipeline.head();
        if (call == null || now < worker.callDeadline) {
            return call == null ? Platform.NEVER : worker.callDeadline;
        }
        call.timedOut = true;
        pool.ends.lose(worker, effects);
        return Platform.NEVER;
    }

    private long killIfDue(Worker worker, long now, Effects effects) {
        if (!isOver(worker.killAt, now)) {
            return again(worker.killAt, now);
        }
        worker.details = ", since its function did not end in time when it was cancelled (see Builder.cancelGrace)";
        pool.ends.kill(worker, WorkerEnd.CANCELLED, effects);
        return Platform.NEVER;
    }

    /** Whether a time has passed, and all that had come by then was read. */
    private boolean isOver(long time, long now) {
        return time <= now && state.platform.hasReported(time);
    }

    /** When to look again at a time that is not over: one that has passed waits for the platform, which will say. */
    private static long again(long time, long now) {
        return time <= now ? Platform.NEVER : time;
    }

    /** The worker that is idle longest lies at the bottom of the stack. Returns when the next one is to be retired. */
    private long retireIdle(long now, Effects effects) {
        while (state.idle.size() > options.spareWorkers()) {
            Worker worker = state.idle.getFirst();
            long until = Nanos.after(worker.idleSince, options.idleTimeout());
            if (now < until) {
                return until;
            }
            pool.ends.retire(worker, WorkerEnd.IDLE, effects);
        }
        return Platform.NEVER;
    }
}
