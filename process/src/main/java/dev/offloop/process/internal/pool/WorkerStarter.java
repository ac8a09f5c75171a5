package dev.offloop.process.internal.pool;

import dev.offloop.internal.util.Durations;
import dev.offloop.internal.util.Nanos;
import dev.offloop.process.WorkerEnd;
import dev.offloop.process.WorkerStartException;
import dev.offloop.process.internal.wire.Protocol;
import dev.offloop.process.internal.wire.Values;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Starts workers when calls need them, and brings them to the point where they are ready.
 *
 * <p><b>The starter thread</b> launches one process after the other, since that takes milliseconds that neither an
 * event loop that submits nor the I/O thread has. It lives while there is something to launch. When no thread can be
 * had, or a launch hangs, the workers concerned are lost and their calls hear of it; the next call that needs a worker
 * tries anew.
 *
 * <p><b>An index</b> is given to a worker as late as possible, just before its launch: the more of those before it are
 * gone. If indexes are exclusive and none is free, the launch waits for the end of one, within the start deadline; a
 * worker that ends is killed if it takes long, so that wait is short.
 *
 * <p><b>The start deadline</b> covers all from the launch until the worker is ready, the initializer too.
 */
final class WorkerStarter {

    private final Pool pool;
    private final PoolState state;
    private final PoolOptions options;

    // ---- guarded by the pool's lock

    private final ArrayDeque<Worker> toLaunch = new ArrayDeque<>();

    /** What the starter thread runs; null when there is none. */
    private @Nullable Launches starter;

    private final List<CompletableFuture<@Nullable Void>> warmUps = new ArrayList<>();

    WorkerStarter(Pool pool) {
        this.pool = pool;
        this.state = pool.state;
        this.options = state.options;
    }

    // ---- within a step

    /**
     * Starts workers until as many as wanted, and the spare ones, have nothing to do yet, or there are all there may
     * be.
     */
    void startIfUseful(int calls, Effects effects) {
        int spare = state.phase == PoolState.Phase.OPEN ? options.spareWorkers() : 0;
        long wanted = (long) calls + spare;
        if (wanted == 0 || state.hadItsWorker()) {
            return;
        }
        int free = 0;
        int staying = 0;
        for (Worker worker : state.workers) {
            if (!worker.state().isEnding()) {
                staying++;
                free += worker.pipeline.isEmpty() ? 1 : 0;
            }
        }
        for (; free < wanted && staying < (long) options.maxWorkers() + spare; free++, staying++) {
            toLaunch.add(state.newWorker(pool.dispatcher));
            startStarter(effects);
        }
    }

    /** Goes on with the launches, if there are any: an index may be free now, or a worker was given up. */
    void startStarter(Effects effects) {
        if (starter != null || toLaunch.isEmpty()) {
            return;
        }
        state.platformOpen = true;
        var launches = new Launches();
        starter = launches;
        effects.add(() -> {
            try {
                state.platform.startThread(launches);
            } catch (OutOfMemoryError noThread) {
                noThread(launches, noThread);
            }
        });
    }

    /** No starter thread can be had: the workers are lost. */
    private void noThread(Launches launches, Throwable why) {
        List<Worker> all;
        Effects effects = state.enter();
        try {
            if (starter == launches) {
                starter = null;
            }
            all = List.copyOf(toLaunch);
            toLaunch.clear();
        } finally {
            state.leave(effects);
        }
        all.forEach(worker -> pool.ends.gone(worker, why));
    }

    /** A worker is ready for its first call. */
    void ready(Worker worker, Effects effects) {
        pool.ends.ready();
        worker.become(WorkerState.IDLE);
        pool.sites.worker(worker, "ready");
        worker.wasReady = true;
        state.lastPid = worker.pid();
        worker.startDeadline = Platform.NEVER;
        worker.killAt = Platform.NEVER;
        var heartbeat = new Heartbeat(options.heartbeatTimeout(), state.platform.now());
        worker.heartbeat = heartbeat;
        WorkerLink link = worker.link;
        if (link != null) {
            effects.add(link::ready);
        }
        effects.add(() -> state.platform.wakeAt(heartbeat.nextCheck()));
        pool.dispatcher.advance(worker, null, effects);
        completeWarmUps(null, effects);
    }

    /** Where the initializer was when the start deadline had passed. */
    void hungAt(Worker worker, String dump, Effects effects) {
        if (worker.problem == null && worker.startDeadline == Platform.NEVER) {
            fail(worker, ". The initializer was here:\n" + ThreadDumps.firstThreadOf(dump), effects);
        }
    }

    /** The start deadline of a worker has passed. Returns when to look at it again. */
    long late(Worker worker, long now, Effects effects) {
        WorkerLink link = worker.link;
        if (worker.is(WorkerState.INITIALIZING) && link != null && worker.startDeadline != Platform.NEVER) {
            worker.startDeadline = Platform.NEVER;
            worker.killAt = Nanos.after(now, options.cancelGrace());
            effects.add(() -> link.cancel(Protocol.INITIALIZER));
            return worker.killAt;
        }
        if (!worker.is(WorkerState.KILLED)) {
            fail(worker, worker.is(WorkerState.INITIALIZING) ? ", in the initializer" : "", effects);
        }
        if (link == null) {
            if (starter != null && starter.worker == worker) { // that thread hangs: another one goes on
                starter = null;
                startStarter(effects);
            }
            pool.ends.lose(worker, effects);
        }
        return Platform.NEVER;
    }

    private void fail(Worker worker, String where, Effects effects) {
        String what = worker.link == null ? "was not launched" : "was not ready";
        worker.problem = new WorkerStartException(
                "a worker process " + (worker.link == null ? "" : worker.pid() + " ") + what + " within "
                        + Durations.inWords(options.startTimeout()) + " (see Builder.startTimeout)" + where,
                null);
        pool.ends.kill(worker, WorkerEnd.NOT_STARTED, effects);
    }

    // ---- warm-up

    /** Starts all workers there may be. */
    CompletableFuture<@Nullable Void> warmUp() {
        CompletableFuture<@Nullable Void> warm = new CompletableFuture<>();
        Effects effects = state.enter();
        try {
            state.checkOpen();
            startIfUseful(options.maxWorkers(), effects);
            warmUps.add(warm);
            completeWarmUps(null, effects);
        } finally {
            state.leave(effects);
        }
        return warm;
    }

    /** A worker has gone: another one takes its place if the pool is to be warm. */
    void replaceWarm(Effects effects) {
        if (!warmUps.isEmpty() && state.phase == PoolState.Phase.OPEN) {
            startIfUseful(options.maxWorkers(), effects);
        }
    }

    /** Completes the warm-ups: when no worker starts any more, or with a failure. */
    void completeWarmUps(@Nullable Supplier<? extends Throwable> failure, Effects effects) {
        if (warmUps.isEmpty() || (failure == null && !state.noneStarts())) {
            return;
        }
        List<CompletableFuture<@Nullable Void>> all = List.copyOf(warmUps);
        warmUps.clear();
        effects.complete(() -> {
            for (CompletableFuture<@Nullable Void> each : all) {
                if (failure == null) {
                    each.complete(null);
                } else {
                    each.completeExceptionally(failure.get());
                }
            }
        });
    }

    // ---- the starter thread

    /** Launches one process after the other. Used by one thread. */
    private final class Launches implements Job {

        /** The worker that is being launched. Guarded by the pool's lock. */
        private @Nullable Worker worker;

        @Override
        public boolean step() {
            Worker next = next(this);
            if (next == null) {
                return false;
            }
            try {
                state.platform.launch(next);
            } catch (Throwable t) { // bad path, no folder or out of threads: the waiting calls fail
                pool.ends.gone(next, t);
            }
            return true;
        }
    }

    private @Nullable Worker next(Launches launches) {
        Effects effects = state.enter();
        try {
            if (starter != launches) {
                return null; // it was given up
            }
            loseGivenUp(effects);
            Worker worker = toLaunch.peek();
            launches.worker = null;
            if (worker == null) {
                starter = null;
                return null;
            }
            worker.startDeadline = Nanos.after(state.platform.now(), options.startTimeout());
            long deadline = worker.startDeadline;
            effects.add(() -> state.platform.wakeAt(deadline));
            worker.index = state.nextIndex();
            if (worker.index < 0) {
                starter = null; // another one starts when a worker is gone
                return null;
            }
            launches.worker = toLaunch.remove();
            return worker;
        } finally {
            state.leave(effects);
        }
    }

    /** Takes out of the pool what was given up before its launch. */
    private void loseGivenUp(Effects effects) {
        for (Worker worker : List.copyOf(toLaunch)) {
            if (!worker.is(WorkerState.STARTING)) {
                toLaunch.remove(worker);
                pool.ends.lose(worker, effects);
            }
        }
    }

    // ---- events

    /** The process of a worker was started. One that was given up meanwhile is killed at once. */
    void started(Worker worker, WorkerLink link) {
        Effects effects = state.enter();
        try {
            worker.link = link;
            if (worker.state().isEnding()) {
                effects.add(link::kill);
            }
        } finally {
            state.leave(effects);
        }
    }

    /** The process has connected. */
    void connected(Worker worker) {
        byte[] initializer = options.initializer();
        Effects effects = state.enter();
        try {
            WorkerLink link = worker.link;
            if (!worker.is(WorkerState.STARTING) || link == null) {
                return; // it was given up
            }
            if (initializer == null) {
                ready(worker, effects);
            } else {
                worker.become(WorkerState.INITIALIZING);
                var call = new Outgoing(Protocol.INITIALIZER, new Values.Written(initializer, null, List.of()), null);
                pool.dispatcher.send(worker, List.of(call), effects);
            }
        } finally {
            state.leave(effects);
        }
    }

    /** The initializer has failed: so will those of others, most likely. */
    void initializerFailed(Worker worker, @Nullable Throwable failure) {
        Effects effects = state.enter();
        try {
            if (worker.is(WorkerState.INITIALIZING) || worker.is(WorkerState.ENDED)) {
                if (worker.startDeadline == Platform.NEVER) {
                    fail(worker, ", in the initializer", effects);
                } else {
                    worker.problem = failure;
                    pool.ends.kill(worker, WorkerEnd.NOT_STARTED, effects);
                }
            }
        } finally {
            state.leave(effects);
        }
    }
}
