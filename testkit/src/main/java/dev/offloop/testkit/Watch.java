package dev.offloop.testkit;

import dev.offloop.EventLoop;
import dev.offloop.Task;
import dev.offloop.spi.StepListener;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The time-out of a {@link Trial}, in real time and on a thread of its own. First it asks the loop where each task waits. A loop
 * that does not answer is blocked by the running step, whose place is told instead; then the wait for it is broken off, by
 * interrupting the thread that called run: once cancels, twice leaves.
 */
final class Watch implements AutoCloseable, StepListener {

    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final ScheduledThreadPoolExecutor ALARMS = alarms();

    private final Trial trial;
    private final EventLoop loop;
    private final Duration timeout;
    private final Thread tester = Thread.currentThread();
    private final ScheduledFuture<?> alarm;
    private volatile @Nullable ScheduledFuture<?> lastAlarm;
    private volatile @Nullable Task<?> running;
    private volatile boolean answered;
    private boolean interrupted;
    private boolean closed;

    private Watch(Trial trial, EventLoop loop, Duration timeout) {
        this.trial = trial;
        this.loop = loop;
        this.timeout = timeout;
        this.alarm = after(timeout, this::askLoop);
    }

    private static ScheduledThreadPoolExecutor alarms() {
        var alarms = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("offloop-test-watch").factory());
        alarms.setRemoveOnCancelPolicy(true);
        return alarms;
    }

    private static ScheduledFuture<?> after(Duration time, Runnable action) {
        return ALARMS.schedule(action, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    static Watch over(Trial trial, EventLoop loop, Duration timeout) {
        return new Watch(trial, loop, timeout);
    }

    /** On the loop's side. */
    void begin() {
        running = Task.current();
        loop.addStepListener(this);
    }

    private void askLoop() {
        lastAlarm = after(GRACE, this::leave);
        try {
            loop.callSoonThreadsafe(() -> {
                answered = true;
                trial.fault("The test has not ended within " + timeout + ":\n" + loop.dumpTasks(), null);
            });
        } catch (IllegalStateException closed) {
            // it has just ended
        }
    }

    private void leave() {
        Task<?> running = this.running;
        if (!answered) {
            trial.fault(
                    "The test has not ended within " + timeout + ", and a call blocks the loop"
                            + (running == null
                                    ? ", in a callback"
                                    : ", in task " + running.name() + ":\n"
                                            + running.stack().stream()
                                                    .map(frame -> "\tat " + frame)
                                                    .collect(Collectors.joining("\n"))),
                    null);
        }
        interrupt();
        lastAlarm = after(Duration.ofMillis(100), this::interrupt);
    }

    private synchronized void interrupt() {
        if (!closed) {
            interrupted = true;
            trial.leave();
            tester.interrupt();
        }
    }

    @Override
    public void begins(@Nullable Task<?> task) {
        running = task;
    }

    @Override
    public void ends(@Nullable Task<?> task) {
        running = null;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (interrupted) {
            boolean _ = Thread.interrupted(); // the test may have ended just then
        }
        alarm.cancel(false);
        ScheduledFuture<?> lastAlarm = this.lastAlarm;
        if (lastAlarm != null) {
            lastAlarm.cancel(false);
        }
    }
}
