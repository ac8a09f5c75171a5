package dev.offloop.internal.offload;

import dev.offloop.Future;
import dev.offloop.OffloadOptions;
import dev.offloop.RemoteExecutor;
import dev.offloop.internal.engine.ExternalWork;
import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.monitor.Advisor;
import dev.offloop.internal.monitor.SiteTable;
import dev.offloop.internal.util.Nanos;
import dev.offloop.monitor.ExecutorStatistics;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Counts the work elsewhere that a loop waits for, and detects work that would never end.
 *
 * <p>Two faults come without an error, so the loop checks for them several times a second, in real time.
 * {@code ExecutorService.shutdownNow()} drops its queue without an error for those that wait. And functions that call
 * back to the loop may wait for each other's threads, see {@link OffloadDeadlock}.
 *
 * <p>Touched by the loop's side only.
 */
public final class OffloadedWork implements ExternalWork {

    /** Lost calls are rare; a slow poll is enough. */
    private static final long CHECK_NANOS = 250_000_000;

    private final Set<OffloadedCall<?>> droppable = new HashSet<>();
    private final Set<OffloadedCall<?>> callingBack = new LinkedHashSet<>();
    private final Loop loop;
    private final DefaultExecutor defaultExecutor;
    private final SiteTable sites = new SiteTable();
    private int count;
    private long nextCheck;

    /**
     * Of a loop.
     *
     * @param defaultExecutor the default executor; null for a pool of our own
     */
    public OffloadedWork(Loop loop, @Nullable Executor defaultExecutor) {
        this.loop = loop;
        this.defaultExecutor = new DefaultExecutor(loop, defaultExecutor);
    }

    // ---- executors

    @Override
    public <T extends @Nullable Object> Future<T> run(
            @Nullable Executor executor, OffloadOptions options, Callable<T> function) {
        if (executor instanceof RemoteExecutor remote) {
            return RemoteCalls.submit(loop, remote, options, function);
        }
        Executor where = executor == null ? defaultExecutor() : executor;
        var call = new OffloadedCall<T>(loop, this, where, options, function);
        call.start();
        return call;
    }

    @Override
    public Executor defaultExecutor() {
        return defaultExecutor.get();
    }

    @Override
    public void setDefaultExecutor(Executor executor) {
        defaultExecutor.set(executor);
    }

    @Override
    public Future<@Nullable Void> shutdownDefaultExecutor(Duration timeout) {
        return defaultExecutor.shutdown(timeout);
    }

    @Override
    public void abandonDefaultExecutor() {
        defaultExecutor.retire();
    }

    /** The places that have offloaded. */
    SiteTable sites() {
        return sites;
    }

    @Override
    public List<ExecutorStatistics> executors() {
        return sites.executors();
    }

    @Override
    public void close() {
        sites.close();
        Advisor.logAtEnd();
    }

    // ---- what the loop waits for

    @Override
    public void begin() {
        count++;
    }

    @Override
    public void end() {
        count--;
    }

    @Override
    public int count() {
        return count - callingBack.size();
    }

    /** Checks a call, from now on, in an executor that may drop it. */
    void watch(OffloadedCall<?> call) {
        beginToCheck();
        droppable.add(call);
    }

    private void beginToCheck() {
        if (nothingToCheck()) {
            nextCheck = Nanos.elapsed() + CHECK_NANOS;
            loop.wakeHostIn(CHECK_NANOS);
        }
    }

    /** Checks a call, from now on, whose function waits for the loop. */
    void watchCallBack(OffloadedCall<?> call) {
        beginToCheck();
        callingBack.add(call);
    }

    void callBackEnded(OffloadedCall<?> call) {
        callingBack.remove(call);
    }

    void forget(OffloadedCall<?> call) {
        if (!droppable.isEmpty()) {
            droppable.remove(call);
        }
    }

    private boolean nothingToCheck() {
        return droppable.isEmpty() && callingBack.isEmpty();
    }

    @Override
    public long untilNextCheck() {
        return nothingToCheck() ? Long.MAX_VALUE : Math.max(0, nextCheck - Nanos.elapsed());
    }

    @Override
    public void check() {
        if (nothingToCheck() || Nanos.elapsed() < nextCheck) {
            return;
        }
        nextCheck = Nanos.elapsed() + CHECK_NANOS;
        for (OffloadedCall<?> call : List.copyOf(droppable)) { // a failure may run code that cancels other calls
            if (call.rejectIfDropped()) {
                droppable.remove(call);
            }
        }
        if (!callingBack.isEmpty()) {
            new OffloadDeadlock(callingBack).breakUp();
        }
    }
}
