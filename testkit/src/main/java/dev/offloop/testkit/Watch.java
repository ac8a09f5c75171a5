package dev.offloop.testkit;

import dev.offloop.EventLoop;
import dev.offloop.Task;
import dev.offloop.internal.util.Durations;
import dev.offloop.spi.StepListener;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The timeout of a {@link Trial}, in real time and on a thread of its own.
 *
 * <p>First it asks the loop where each task waits. A loop that does not answer soon is blocked by the running step: the
 * report then says where that is, and the step is interrupted if it is one of the main task. Whether the loop has
 * answered or not, a {@code run} that does not end after that is left, by interrupting the thread that called it: once
 * cancels, twice leaves. So the test fails little later than its timeout, whatever it does.
 */
final class Watch implements AutoCloseable, StepListener {

    /** How long a loop that is not blocked may take to answer on a busy machine. */
    private static final Duration ANSWER = Duration.ofMillis(500);

    /** How long the cancelled main task may take to clean up. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    /** How long an interrupted step may take to end, and {@code run} to return. */
    private static final Duration SOON = Duration.ofMillis(100);

    private static final ScheduledThreadPoolExecutor ALARMS = alarms();

    private final Trial trial;
    private final EventLoop loop;
    private final Duration timeout;
    private final Thread tester = Thread.currentThread();
    private final ScheduledFuture<?> alarm;
    private volatile @Nullable ScheduledFuture<?> lastAlarm;
    private volatile @Nullable Task<?> running;
    private volatile @Nullable Task<?> main;
    private volatile @Nullable Thread mainThread;

    /** Either the loop says where the tasks wait, or this class says what blocks the loop. */
    private final AtomicBoolean reported = new AtomicBoolean();

    private volatile boolean blocked;
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
        main = Task.current();
        mainThread = Thread.currentThread();
        running = main;
        loop.addStepListener(this);
    }

    /** Whether a call blocked the loop when the time was over, and so may do so still. */
    boolean foundBlocked() {
        return blocked;
    }

    private void askLoop() {
        lastAlarm = after(ANSWER, this::expectAnswer);
        try {
            loop.callSoonThreadsafe(this::answer);
        } catch (IllegalStateException closed) {
            // it has just ended
        }
    }

    /** On the loop's side. */
    private void answer() {
        Task<?> main = this.main;
        boolean justEnded = main != null && main.done();
        if (reported.compareAndSet(false, true) && !justEnded) {
            trial.fault("The test has not ended within " + Durations.inWords(timeout) + ":\n" + loop.dumpTasks(), null);
        }
    }

    private void expectAnswer() {
        if (!reported.compareAndSet(false, true)) {
            lastAlarm = after(GRACE, this::leave);
            return;
        }
        Task<?> running = this.running;
        blocked = true;
        trial.fault(
                "The test has not ended within " + Durations.inWords(timeout) + ", and a call blocks the loop"
                        + where(running),
                null);
        trial.leave();
        Thread mainThread = this.mainThread;
        if (mainThread != null && running == main && running == this.running) {
            mainThread.interrupt();
        }
        lastAlarm = after(SOON, this::leave);
    }

    private static String where(@Nullable Task<?> running) {
        return running == null
                ? ", in a callback"
                : ", in task " + running.name() + ":\n"
                        + running.stack().stream().map(frame -> "\tat " + frame).collect(Collectors.joining("\n"));
    }

    private void leave() {
        interrupt();
        lastAlarm = after(SOON, this::interrupt);
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
