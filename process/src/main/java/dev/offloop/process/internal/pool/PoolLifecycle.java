package dev.offloop.process.internal.pool;

import dev.offloop.internal.monitor.MonitoredPool;
import dev.offloop.internal.util.Nanos;
import dev.offloop.process.WorkerEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * How a pool ends: in good order, at once, or with its JVM.
 *
 * <p>After the last worker the platform closes, and after that the pool has terminated.
 */
final class PoolLifecycle {

    private final Pool pool;
    private final PoolState state;
    private final CompletableFuture<@Nullable Void> terminated = new CompletableFuture<>();

    /** Whether the platform was asked to close. Guarded by the pool's lock. */
    private boolean closing;

    PoolLifecycle(Pool pool) {
        this.pool = pool;
        this.state = pool.state;
    }

    /** Takes no more calls; runs those there are. */
    void shutdown() {
        Effects effects = state.enter();
        try {
            if (state.phase != PoolState.Phase.OPEN) {
                return;
            }
            state.phase = PoolState.Phase.DRAINING;
            for (Worker worker : List.copyOf(state.idle)) {
                pool.ends.retire(worker, WorkerEnd.SHUTDOWN, effects);
            }
            state.workers.forEach(worker -> pool.ends.hasten(worker, effects));
            if (state.queue.isEmpty()) {
                for (Worker worker : List.copyOf(state.workers)) {
                    if (worker.state().isStarting()) {
                        pool.ends.kill(worker, WorkerEnd.SHUTDOWN, effects);
                    }
                }
            }
            state.queue.wakeSubmitters(effects);
            pool.starter.completeWarmUps(state::shutDown, effects);
            endIfDone(effects);
        } finally {
            state.leave(effects);
        }
    }

    /**
     * Drops all calls and ends all workers.
     *
     * @param gently whether their processes may end in good order; then they are killed a little later
     */
    List<Call<?>> shutdownNow(boolean gently) {
        Effects effects = state.enter();
        try {
            state.phase = PoolState.Phase.STOPPED;
            List<Call<?>> waiting = state.queue.clear(effects);
            List<Call<?>> dropped = new ArrayList<>(waiting);
            for (Worker worker : List.copyOf(state.workers)) {
                dropped.addAll(worker.pipeline.clear());
                pool.dispatcher.depthChanged(worker);
                end(worker, gently, effects);
            }
            state.idle.clear();
            pool.starter.completeWarmUps(state::shutDown, effects);
            dropped.forEach(call -> effects.complete(call::dropped));
            endIfDone(effects);
            return waiting;
        } finally {
            state.leave(effects);
        }
    }

    private void end(Worker worker, boolean gently, Effects effects) {
        WorkerLink link = worker.link;
        if (gently && worker.state().isServing() && link != null) {
            pool.ends.retire(worker, WorkerEnd.SHUTDOWN, effects);
            effects.add(link::terminate);
        } else if (!worker.is(WorkerState.RETIRING) || !gently) {
            pool.ends.kill(worker, WorkerEnd.SHUTDOWN, effects);
        } else {
            pool.ends.hasten(worker, effects);
        }
    }

    // ---- the end of the JVM

    /**
     * The JVM shuts down: calls are served for as long as its other hooks need that, but not for longer than the option
     * says.
     */
    void jvmShutsDown() {
        long timeout = state.options.jvmShutdownTimeout();
        Effects effects = state.enter();
        try {
            long deadline = Nanos.after(state.platform.now(), timeout);
            state.jvmShutdownDeadline = deadline;
            state.jvmShutsDown = true;
            effects.add(() -> state.platform.wakeAt(deadline));
        } finally {
            state.leave(effects);
        }
        if (timeout == 0) {
            jvmShutdownOver();
        }
        state.platform.jvmShutsDown();
    }

    void jvmShutdownOver() {
        Effects effects = state.enter();
        try {
            state.jvmShutdownDeadline = Platform.NEVER;
        } finally {
            state.leave(effects);
        }
        var _ = shutdownNow(false);
    }

    // ---- the end

    /** Within a step: closes the platform after the last worker. */
    void endIfDone(Effects effects) {
        if (!state.isDone() || closing) {
            return;
        }
        if (state.platformOpen) {
            closing = true;
            effects.add(state.platform::close);
        } else {
            end(effects);
        }
    }

    /** The platform has ended its threads and left nothing behind. */
    void closed() {
        Effects effects = state.enter();
        try {
            state.platformOpen = false;
            end(effects);
        } finally {
            state.leave(effects);
        }
    }

    private void end(Effects effects) {
        state.changed.signalAll();
        effects.add(() -> {
            JvmShutdown.remove(pool);
            MonitoredPool.remove(pool);
            // Dependents are foreign code; and the threads of the common pool may all be blocked by the program.
            var _ = terminated.completeAsync(() -> null, Thread::startVirtualThread);
        });
    }

    boolean isShutdown() {
        state.lock.lock();
        try {
            return state.phase != PoolState.Phase.OPEN;
        } finally {
            state.lock.unlock();
        }
    }

    boolean isTerminated() {
        state.lock.lock();
        try {
            return hasEnded();
        } finally {
            state.lock.unlock();
        }
    }

    private boolean hasEnded() {
        return state.isDone() && !state.platformOpen;
    }

    /**
     * Waits for the end.
     *
     * @throws IllegalStateException on a thread that the end depends on
     */
    boolean awaitTermination(long nanos) throws InterruptedException {
        if (state.platform.isOwnThread()) {
            throw new IllegalStateException("A function that depends on a result, such as one given to thenApply, must"
                    + " not wait for the pool: it runs on the pool's own thread. Use thenApplyAsync");
        }
        long left = nanos;
        state.lock.lock();
        try {
            while (!hasEnded()) {
                if (left <= 0) {
                    return false;
                }
                left = state.changed.awaitNanos(left);
            }
            return true;
        } finally {
            state.lock.unlock();
        }
    }

    /** Returns a future that is done when the pool has terminated. */
    CompletableFuture<@Nullable Void> terminated() {
        return terminated.copy();
    }

    /** The workers that have a call, in words. */
    List<String> busy() {
        state.lock.lock();
        try {
            return state.workers.stream()
                    .filter(worker -> !worker.pipeline.isEmpty())
                    .map(worker -> "worker process " + worker.pid())
                    .toList();
        } finally {
            state.lock.unlock();
        }
    }
}
