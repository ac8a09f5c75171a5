package dev.offloop.process.internal.pool;

import dev.offloop.internal.monitor.MonitoredWorker;
import dev.offloop.process.PoolStatistics;
import dev.offloop.process.WorkerStatus;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * What a pool knows: its calls, its workers and how far its own life has come; and the one lock that guards all of
 * that.
 *
 * <p><b>Lock discipline.</b> Each thing that happens to a pool is one <em>step</em>: {@link #enter}, some changes,
 * {@link #leave}. A step never waits, and touches nothing outside the pool. What has to be done outside of it, such as
 * sending a call or completing a future, it leaves to the {@link Effects}, which {@code leave} runs when it has
 * released the lock. So a step is atomic, no foreign code runs under the lock, and a simulator that decides when
 * effects run can reach each interleaving there is.
 */
final class PoolState {

    enum Phase {
        /** Takes calls. */
        OPEN,
        /** Runs the calls that it has. */
        DRAINING,
        /** Runs nothing any more; waits for the processes to end. */
        STOPPED
    }

    final PoolOptions options;
    final Platform platform;
    final SpinThenParkLock lock = new SpinThenParkLock();

    // ---- guarded by the lock

    final CallQueue queue;
    final PoolMetrics metrics = new PoolMetrics();

    /** The idle workers: the last that became idle at the end. Exactly those in state IDLE. */
    final ArrayDeque<Worker> idle = new ArrayDeque<>();

    /** All workers that are not gone. */
    final Set<Worker> workers = new LinkedHashSet<>();

    /** Signalled when the pool has terminated. */
    final Condition changed = lock.newCondition();

    Phase phase = Phase.OPEN;

    /** Why the pool ended with its worker, in words; null if it did not. */
    @Nullable
    String endOfItsWorker;

    /** The process id of the worker that became ready last; -1 before. */
    long lastPid = -1;

    /** Whether the platform has threads and processes of this pool, or may have. */
    boolean platformOpen;

    /** Whether any call had a priority: then calls are not sent ahead. */
    boolean prioritiesMatter;

    /** When calls are not served any more since the JVM shuts down. */
    long jvmShutdownDeadline = Platform.NEVER;

    /** Whether the JVM shuts down: then workers may end with it. */
    boolean jvmShutsDown;

    private long calls;
    private long workersMade;

    PoolState(PoolOptions options, Platform platform) {
        this.options = options;
        this.platform = platform;
        this.queue = new CallQueue(options.maxQueued());
    }

    /** Begins a step. */
    Effects enter() {
        var effects = new Effects(); // before the lock is held: there may be no memory for it
        lock.lock();
        return effects;
    }

    /** Ends a step and runs what it has left to be done. */
    void leave(Effects effects) {
        lock.unlock();
        if (!effects.isEmpty()) {
            platform.run(effects);
        }
    }

    // ---- within a step

    void checkOpen() {
        if (phase != Phase.OPEN) {
            throw shutDown();
        }
    }

    RejectedExecutionException shutDown() {
        return new RejectedExecutionException("The process pool '" + options.name() + "' has been shut down");
    }

    long nextCall() {
        return ++calls;
    }

    Worker newWorker(Dispatcher dispatcher) {
        var worker = new Worker(++workersMade, lock, dispatcher);
        workers.add(worker);
        return worker;
    }

    /**
     * The index for a worker that is about to be launched: the lowest that no process has, also none that is about to
     * end. If there is none, the lowest that only such processes have; or -1, to wait for their end, if indexes are
     * exclusive.
     */
    int nextIndex() {
        var used = new BitSet();
        var staying = new BitSet();
        for (Worker worker : workers) {
            int index = worker.index - options.firstIndex();
            if (index >= 0 && !worker.is(WorkerState.ENDED)) { // that one has no process any more
                used.set(index);
                staying.set(index, staying.get(index) || !worker.state().isEnding());
            }
        }
        int unused = used.nextClearBit(0);
        int free = unused < options.maxProcesses() ? unused : staying.nextClearBit(0);
        return options.exclusiveIndexes() && used.get(free) ? -1 : options.firstIndex() + free;
    }

    /** Whether no worker is there, or comes, that may run a call. */
    boolean noneServes() {
        return workers.stream().allMatch(worker -> worker.state().isEnding());
    }

    /** Whether one more worker may run calls: one that is idle may have to stay so, as a spare one. */
    boolean mayServe() {
        return options.spareWorkers() == 0
                || workers.stream()
                                .filter(worker -> !worker.state().isEnding() && !worker.pipeline.isEmpty())
                                .count()
                        < options.maxWorkers();
    }

    /** Whether the worker that the pool ends with was there, so that no other one may take its place. */
    boolean hadItsWorker() {
        return options.endsWithWorker() && lastPid >= 0;
    }

    /** Whether no worker is about to become ready. */
    boolean noneStarts() {
        return workers.stream().noneMatch(worker -> worker.state().isStarting());
    }

    boolean isDone() {
        assert lock.isHeldByCurrentThread();
        return phase != Phase.OPEN && queue.isEmpty() && workers.isEmpty();
    }

    List<MonitoredWorker> monitoredWorkers() {
        lock.lock();
        try {
            long now = platform.now();
            return workers.stream()
                    .map(worker -> {
                        WorkerStatus status = worker.status(now);
                        return new MonitoredWorker(
                                status.number(),
                                status.pid(),
                                status.state().name().toLowerCase(Locale.ROOT),
                                status.callsDone(),
                                status.since(),
                                worker.pipeline.head());
                    })
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    PoolStatistics statistics() {
        lock.lock();
        try {
            return metrics.with(workers, idle.size(), queue.waiting(), workersMade, platform.now());
        } finally {
            lock.unlock();
        }
    }
}
