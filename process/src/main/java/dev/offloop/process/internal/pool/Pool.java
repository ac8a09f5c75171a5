package dev.offloop.process.internal.pool;

import dev.offloop.internal.monitor.Gauge;
import dev.offloop.internal.monitor.MonitoredPool;
import dev.offloop.internal.monitor.MonitoredWorker;
import dev.offloop.process.CallOptions;
import dev.offloop.process.PoolStatistics;
import dev.offloop.process.SessionEndedException;
import dev.offloop.process.WorkerStartException;
import dev.offloop.process.internal.util.Log;
import dev.offloop.process.internal.wire.Frame;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A pool, without its processes: those are the {@link Platform}'s.
 *
 * <p><b>The parts</b>, which all work on one {@link PoolState}: the {@link Dispatcher} takes calls and gives them to
 * workers, the {@link WorkerStarter} makes workers, {@link WorkerEnds} decides what becomes of their calls when they
 * end, the {@link Supervisor} keeps the deadlines, the {@link PoolLifecycle} ends the pool. A {@link Worker} is a state
 * machine that all of them move.
 *
 * <p><b>Threads.</b> Users submit and cancel on any thread; the platform reports {@link WorkerEvents events} on its
 * own. All meet under the one lock, for a few steps at a time.
 */
public final class Pool implements WorkerEvents, MonitoredPool {

    final PoolState state;
    final CallSites sites = new CallSites(this);
    final Dispatcher dispatcher;
    final WorkerStarter starter;
    final WorkerEnds ends;
    final Supervisor supervisor;
    final PoolLifecycle lifecycle;

    /**
     * Makes a pool.
     *
     * @param platform makes the platform that reports to the given pool
     */
    public Pool(PoolOptions options, Function<? super WorkerEvents, ? extends Platform> platform) {
        this.state = new PoolState(options, platform.apply(this));
        this.dispatcher = new Dispatcher(this);
        this.starter = new WorkerStarter(this);
        this.ends = new WorkerEnds(this);
        this.supervisor = new Supervisor(this);
        this.lifecycle = new PoolLifecycle(this);
    }

    /** Has the pool hear of the end of the JVM. */
    public void watchJvm() {
        JvmShutdown.add(this);
        MonitoredPool.add(this);
    }

    // ---- for users, from any thread

    /**
     * Takes a call.
     *
     * @param until how long a thread waits for room at the most, on the clock of {@code System.nanoTime()}
     */
    public <T extends @Nullable Object> CompletableFuture<T> submit(
            Callable<T> function, CallOptions options, long until) {
        return dispatcher.submit(function, options, until);
    }

    public CompletableFuture<@Nullable Void> warmUp() {
        return starter.warmUp();
    }

    public PoolStatistics statistics() {
        return state.statistics();
    }

    public void shutdown() {
        lifecycle.shutdown();
    }

    public List<? extends Runnable> shutdownNow(boolean gently) {
        return lifecycle.shutdownNow(gently);
    }

    /** Runs a last call after those that there are, whether there is room for it or not, and takes no more. */
    public void shutdownAfter(Callable<?> last) {
        try {
            var _ = dispatcher.submitAnyway(last).whenComplete((_, failure) -> warnOf(failure));
        } catch (RejectedExecutionException e) {
            return; // it was shut down
        }
        shutdown();
    }

    private void warnOf(@Nullable Throwable failure) {
        boolean told = failure == null
                || failure instanceof CancellationException
                || failure instanceof SessionEndedException
                || failure instanceof WorkerStartException;
        if (!told) {
            Log.OFFLOOP.log(System.Logger.Level.WARNING, "The last call of the " + nameInWords() + " failed", failure);
        }
    }

    /** Whether the pool cannot do without the calling thread. */
    public boolean isOwnThread() {
        return state.platform.isOwnThread();
    }

    public boolean isShutdown() {
        return lifecycle.isShutdown();
    }

    public boolean isTerminated() {
        return lifecycle.isTerminated();
    }

    public boolean awaitTermination(long nanos) throws InterruptedException {
        return lifecycle.awaitTermination(nanos);
    }

    public CompletableFuture<@Nullable Void> terminated() {
        return lifecycle.terminated();
    }

    public List<String> busy() {
        return lifecycle.busy();
    }

    public String name() {
        return state.options.name();
    }

    @Override
    public Gauge gauge() {
        PoolStatistics now = statistics();
        return new Gauge(nameInWords(), state.options.maxWorkers(), now.busy(), now.queued());
    }

    /** Returns why the pool ended with its worker, in words; null if it did not. */
    public @Nullable String endOfItsWorker() {
        state.lock.lock();
        try {
            return state.endOfItsWorker;
        } finally {
            state.lock.unlock();
        }
    }

    /** Returns the process id of the worker that became ready last; -1 if none has. */
    public long lastPid() {
        state.lock.lock();
        try {
            return state.lastPid;
        } finally {
            state.lock.unlock();
        }
    }

    String nameInWords() {
        return "process pool '" + name() + "'";
    }

    @Override
    public List<MonitoredWorker> workers() {
        return state.monitoredWorkers();
    }

    void jvmShutsDown() {
        lifecycle.jvmShutsDown();
    }

    // ---- for the platform

    @Override
    public void started(Worker worker, WorkerLink link) {
        starter.started(worker, link);
    }

    @Override
    public void connected(Worker worker) {
        starter.connected(worker);
    }

    @Override
    public void received(Worker worker, Frame frame) {
        dispatcher.received(worker, frame);
    }

    @Override
    public void unreadable(Worker worker, Throwable problem) {
        ends.unreadable(worker, problem);
    }

    @Override
    public void gone(Worker worker, @Nullable Throwable problem) {
        ends.gone(worker, problem);
    }

    @Override
    public long tick() {
        return supervisor.tick();
    }

    @Override
    public void closed() {
        lifecycle.closed();
        sites.close();
    }
}
