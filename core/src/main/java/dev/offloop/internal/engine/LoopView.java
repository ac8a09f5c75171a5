package dev.offloop.internal.engine;

import dev.offloop.internal.monitor.AwaitNode;
import dev.offloop.internal.monitor.AwaitTree;
import dev.offloop.internal.monitor.CpuUse;
import dev.offloop.internal.monitor.Pauses;
import dev.offloop.internal.monitor.Sample;
import dev.offloop.internal.monitor.Watched;
import dev.offloop.monitor.LoopStatistics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Shows a loop to the watchdog.
 *
 * <p>From any thread, without a lock: what it reads of a loop that runs may be a moment old, and the watchdog counts
 * only on what it has read twice.
 */
final class LoopView implements Watched {

    private final Loop loop;
    private final @Nullable Host host;
    private final AtomicLong slowSteps = new AtomicLong();
    private volatile CpuUse.@Nullable OsThread osThread;

    LoopView(Loop loop, @Nullable Host host) {
        this.loop = loop;
        this.host = host;
    }

    /** On the thread that runs the loop from now on. */
    void runsHere() {
        osThread = Thread.currentThread().isVirtual() ? null : CpuUse.OsThread.current();
    }

    @Override
    public String name() {
        Thread thread = loop.thread();
        return host == null || thread == null ? loop.threadName() : thread.getName();
    }

    @Override
    public long step() {
        return loop.scheduler().step();
    }

    @Override
    public long turn() {
        return loop.scheduler().turn();
    }

    @Override
    public @Nullable String task() {
        LoopTask<?> task = loop.runningTask();
        return task == null ? null : task.name();
    }

    @Override
    public @Nullable Sample sample() {
        Thread thread = loop.stepThread();
        return thread == null ? null : Sample.of(thread);
    }

    @Override
    public @Nullable CpuUse cpuUse() {
        CpuUse.OsThread osThread = this.osThread;
        Thread thread = loop.thread();
        if (osThread != null) {
            return osThread.use();
        }
        return thread != null && thread.isVirtual() ? CpuUse.ofCarriers() : null;
    }

    @Override
    public void probe() {
        if (host != null) {
            host.wake();
        }
    }

    @Override
    public void measureLag() {
        loop.scheduler().meter().probe();
    }

    @Override
    public void countSlowStep() {
        slowSteps.incrementAndGet();
    }

    @Override
    public LoopStatistics statistics() {
        LoopMeter meter = loop.scheduler().meter();
        return new LoopStatistics(
                name(),
                Duration.ofNanos(meter.elapsedNanos()),
                Duration.ofNanos(meter.busyNanos()),
                meter.lag(),
                step() / 2,
                turn() / 2,
                slowSteps.get(),
                loop.scheduler().readyCount(),
                loop.tasks().size(),
                loop.timerCount(),
                loop.externalWork().executors(),
                Pauses.ofJvm().count(),
                Duration.ofNanos(Pauses.ofJvm().nanos()));
    }

    @Override
    public int taskCount() {
        return loop.tasks().size();
    }

    @Override
    public String dumpTasks() {
        return treeFromHere().text();
    }

    @Override
    public AwaitTree awaitTree() {
        return loop.awaitTree();
    }

    /** Without the loop's help. */
    AwaitTree treeFromHere() {
        try {
            return TaskTree.of(loop.tasks());
        } catch (RuntimeException changing) { // the loop goes on
            return new AwaitTree(List.of(new AwaitNode("(They change too fast to be listed)", "")), 0);
        }
    }
}
