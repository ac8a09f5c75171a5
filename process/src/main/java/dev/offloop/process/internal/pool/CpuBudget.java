package dev.offloop.process.internal.pool;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the processor time of calls that have a limit of it.
 *
 * <p>The system says how much time a process has used so far, so a call has used the difference to what it was when the
 * call began. It is asked again when all processors together could have used up what is left, and that is done outside
 * of a step, since it is outside of the pool. A call that has used up its time has reached its deadline: what follows
 * is the same as for any deadline.
 *
 * <p>Fields are guarded by the pool's lock.
 */
final class CpuBudget {

    /** How exact it is: no more than the unit of the system's figures. */
    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** A call that is over sooner is not worth asking for. What it uses until then does not count. */
    private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final long UNKNOWN = -1;

    private final Pool pool;
    private final Worker worker;
    private final Call<?> call;
    private final long limit;
    private final long since;

    /** What the process had used before the call. */
    private long before = UNKNOWN;

    /** When the system is asked next; never while it is being asked. */
    private long lookAt;

    private CpuBudget(Pool pool, Worker worker, Call<?> call, long limit, long now) {
        this.pool = pool;
        this.worker = worker;
        this.call = call;
        this.limit = limit;
        this.since = now;
        this.lookAt = now + FIRST_NANOS;
    }

    /** The budget of a call that a worker begins; null if it has no limit. */
    static @Nullable CpuBudget of(Pool pool, Worker worker, @Nullable Call<?> call, long now, Effects effects) {
        long limit = call == null ? Platform.NEVER : call.cpuLimit();
        if (call == null || limit == Platform.NEVER || pool.state.options.debugging()) {
            return null;
        }
        CpuBudget before = worker.cpuBudget;
        if (before != null && before.call == call) {
            return before; // the worker has still not come to it
        }
        call.cpuUsed = 0; // another worker may have run it before
        var budget = new CpuBudget(pool, worker, call, limit, now);
        long first = budget.lookAt;
        effects.add(() -> pool.state.platform.wakeAt(first));
        return budget;
    }

    /** Asks the system if it is time, when the step is over. Returns when to look again. */
    long look(long now, Effects effects) {
        if (lookAt > now) {
            return lookAt;
        }
        WorkerLink link = worker.link;
        if (link != null) {
            lookAt = Platform.NEVER;
            effects.add(() -> measured(link.processorTime()));
        }
        return Platform.NEVER;
    }

    /** When the system is asked next. */
    long lookAt() {
        return lookAt;
    }

    private void measured(long used) {
        PoolState state = pool.state;
        Effects effects = state.enter();
        try {
            if (worker.cpuBudget != this || used == UNKNOWN) {
                return; // the call has ended, or the process
            }
            boolean begun = worker.hasBegun(call);
            if (before == UNKNOWN || !begun) {
                before = used;
            }
            long now = state.platform.now();
            long left = limit - (used - before);
            if (left > 0) {
                long pause =
                        begun ? left / state.platform.processors() : now - since; // longer and longer until it begins
                long next = now + Math.max(SHORTEST_NANOS, pause);
                lookAt = next;
                effects.add(() -> state.platform.wakeAt(next));
            } else {
                call.cpuUsed = used - before;
                worker.callDeadline = Math.min(worker.callDeadline, now);
                effects.add(() -> state.platform.wakeAt(now));
            }
        } finally {
            state.leave(effects);
        }
    }
}
