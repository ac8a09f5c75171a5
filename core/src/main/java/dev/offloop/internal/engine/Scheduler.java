package dev.offloop.internal.engine;

import dev.offloop.LoopClock;
import dev.offloop.internal.monitor.Watchdog;
import dev.offloop.internal.monitor.Watched;
import dev.offloop.internal.util.Errors;
import dev.offloop.internal.util.Nanos;
import dev.offloop.internal.util.VarHandles;
import dev.offloop.spi.StepListener;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a loop has to run, and when.
 *
 * <p><b>Parts.</b> The <i>ready queue</i> holds what can run now, the {@link TimerQueue} what waits for its time, the
 * {@link Inbox} what other threads brought. A turn moves the inbox and the due timers to the end of the ready queue,
 * then runs as many entries as there are; what they add waits for the next turn, so that no task can starve timers and
 * completions.
 *
 * <p><b>Threads.</b> All of it belongs to the loop's side, but {@link #post}. A loop with a thread of its own rests in
 * the inbox until its first timer; one {@linkplain Host on the thread of a host} asks its host for the next turn
 * instead.
 */
final class Scheduler implements LoopClock.Idle {

    private static final VarHandle STEP = VarHandles.find(MethodHandles.lookup(), "step", long.class);
    private static final VarHandle TURN = VarHandles.find(MethodHandles.lookup(), "turn", long.class);

    private final Loop loop;
    private final LoopClock clock;
    private final long origin;
    private final @Nullable Host host;
    private final ArrayDeque<Runnable> ready;
    private final ArrayDeque<Runnable> eager = new ArrayDeque<>(2);
    private final TimerQueue timers = new TimerQueue();
    private final Inbox inbox;
    private final long standstill;
    private final LoopMeter meter = new LoopMeter();
    private List<StepListener> stepListeners = List.of();

    /** Written by the loop's side, without a fence, and read by the watchdog: see {@link Watched}. */
    @SuppressWarnings("unused") // through STEP
    private long step;

    @SuppressWarnings("unused") // through TURN
    private long turn;

    Scheduler(Loop loop, Settings settings, @Nullable Host host) {
        this.loop = loop;
        this.clock = settings.clock();
        this.ready = settings.seed() == null ? new ArrayDeque<>() : new SeededReadyQueue(settings.seed());
        this.standstill = settings.standstill() == null ? Long.MAX_VALUE : Nanos.of(settings.standstill());
        this.origin = clock.nanoTime();
        this.host = host;
        this.inbox = new Inbox(host);
    }

    /** The time on the loop's clock, which begins at zero. */
    long now() {
        return clock.nanoTime() - origin;
    }

    // ---- what is to be run

    void add(Runnable step) {
        ready.add(step);
        wakeHost();
    }

    /** For a task that lets a new one have its first step: both run as soon as it has stopped, the new one first. */
    void addEagerly(Runnable newTask, Runnable waiting) {
        eager.addFirst(waiting);
        eager.addFirst(newTask);
    }

    /** It could not stop. */
    void takeBackEagerly() {
        eager.removeFirst();
        eager.removeFirst();
    }

    /** Runs tasks that were started eagerly, and those that wait for that, after every step of a task. */
    void runEagerly() {
        while (!eager.isEmpty()) {
            eager.removeFirst().run();
        }
    }

    /** Takes back what was added last. */
    void takeBack(Runnable step) {
        ready.removeLastOccurrence(step);
    }

    Timer addTimer(long when, Runnable action) {
        Timer timer = timers.add(loop, when, action);
        if (host != null) {
            host.wakeAt(when - now());
        }
        return timer;
    }

    void remove(Timer timer) {
        timers.remove(timer);
    }

    /** From any thread: false if the loop is closed. */
    boolean post(Runnable message) {
        return inbox.put(message);
    }

    private void wakeHost() {
        if (host != null) {
            host.wake();
        }
    }

    // ---- turns

    /** Runs all that is ready now. False if that is nothing. */
    boolean take() {
        long probe = meter.takeProbe();
        inbox.drainTo(ready);
        loop.unretrieved().reportCollected();
        fireTimers();
        boolean some = !ready.isEmpty();
        if (some) {
            runOnce();
        }
        meter.measure(probe);
        return some;
    }

    private void fireTimers() {
        if (!timers.isEmpty()) {
            long now = now();
            for (Timer due = timers.pollDue(now); due != null; due = timers.pollDue(now)) {
                meter.late(now - due.when);
                ready.add(due);
            }
        }
        loop.externalWork().check();
    }

    private void runOnce() {
        Watchdog.turnBegins();
        long before = turn;
        TURN.setOpaque(this, nextRunning(before));
        for (int left = ready.size(); left > 0 && !ready.isEmpty(); left--) {
            runNext();
        }
        TURN.setOpaque(this, next(turn, before));
    }

    /** The number of what begins: odd. */
    private static long nextRunning(long number) {
        return number + 1 + (number & 1);
    }

    /** The number after what has ended: odd again if it was nested in what ran before. */
    private static long next(long number, long before) {
        return number + 1 + (before & 1);
    }

    /** On the loop's side: what runs has let others run, in a turn of the host inside of it. */
    void nested() {
        STEP.setOpaque(this, nextRunning(step));
        TURN.setOpaque(this, nextRunning(turn));
    }

    /** From any thread: see {@link Watched#step}. */
    long step() {
        return (long) STEP.getOpaque(this);
    }

    /** From any thread: see {@link Watched#turn}. */
    long turn() {
        return (long) TURN.getOpaque(this);
    }

    /**
     * Whatever is thrown here is an error of ours or of the JVM (its memory may be full), and the loop must survive.
     */
    private void runNext() {
        long before = step;
        STEP.setOpaque(this, nextRunning(before));
        try {
            Runnable next = ready.remove();
            LoopTask<?> task = next instanceof LoopTask<?> t ? t : null;
            if (!stepListeners.isEmpty()) {
                notifyListeners(listener -> listener.begins(task));
            }
            try {
                next.run();
                runEagerly();
            } finally {
                if (!stepListeners.isEmpty()) {
                    notifyListeners(listener -> listener.ends(task));
                }
            }
        } catch (Throwable t) {
            loop.report(Errors.of("Exception in the event loop itself", t));
        } finally {
            STEP.setOpaque(this, next(step, before));
        }
    }

    private void notifyListeners(Consumer<StepListener> what) {
        for (StepListener listener : stepListeners) {
            try {
                what.accept(listener);
            } catch (Throwable t) { // the step, and the other listeners, must not be lost with it
                loop.report(Errors.of("Exception in a listener to the steps of the event loop", t));
            }
        }
    }

    void addStepListener(StepListener listener) {
        stepListeners =
                Stream.concat(stepListeners.stream(), Stream.of(listener)).toList();
    }

    void removeStepListener(StepListener listener) {
        stepListeners =
                stepListeners.stream().filter(other -> other != listener).toList();
    }

    // ---- when nothing is ready

    /** Lets time pass. */
    void rest() {
        loop.possibleDeadlocks().check();
        if (ready.isEmpty() && untilNextTimer() > 0) {
            meter.idle();
            clock.idle(this);
            boolean _ = meter.busy();
        }
    }

    @Override
    public long untilNextTimer() {
        long next = timers.nextTime();
        return next == Long.MAX_VALUE ? next : Math.max(0, next - now());
    }

    @Override
    public boolean workElsewhere() {
        return loop.externalWork().count() > 0;
    }

    @Override
    public boolean sleep(long nanos) {
        if (standstill == Long.MAX_VALUE || nanos != Long.MAX_VALUE || workElsewhere()) {
            return sleepFor(nanos);
        }
        if (!sleepFor(standstill)) {
            loop.standsStill(Duration.ofNanos(standstill));
        }
        return !ready.isEmpty() || sleepFor(nanos);
    }

    private boolean sleepFor(long nanos) {
        long end = Nanos.sum(Nanos.elapsed(), nanos);
        while (true) {
            long left = end == Long.MAX_VALUE ? end : end - Nanos.elapsed();
            if (left <= 0) {
                return false;
            }
            long nap = Math.min(left, loop.externalWork().untilNextCheck());
            if (nap > 0) {
                inbox.sleep(nap);
                boolean _ = Thread.interrupted(); // as in Loop.parkLoop
            }
            loop.externalWork().check();
            if (!ready.isEmpty() || !inbox.isEmpty()) {
                return true;
            }
        }
    }

    /** For a host, at the end of its turn: false if there is more to run at once. */
    boolean tryIdle(Host host) {
        if (ready.isEmpty()) {
            loop.possibleDeadlocks().check();
        }
        if (!ready.isEmpty() || !inbox.tryIdle()) {
            return false;
        }
        long nanos = Math.min(untilNextTimer(), loop.externalWork().untilNextCheck());
        if (nanos != Long.MAX_VALUE) {
            host.wakeAt(nanos);
        }
        return true;
    }

    // ---- the end

    /** Refuses all that may still come, and runs what came before, once. */
    void close() {
        inbox.close(ready);
        runOnce();
    }

    /**
     * Refuses all that may still come, and takes in what came before, so that every task is known; but runs nothing of
     * the user's, since there is no thread for it.
     */
    void abandon() {
        ready.clear();
        inbox.close(ready);
        ready.removeIf(Callback.class::isInstance);
        runOnce();
        ready.clear();
    }

    boolean closed() {
        return inbox.closed();
    }

    // ---- for tests and statistics

    long wakeUps() {
        return inbox.wakeUps();
    }

    int timerCount() {
        return timers.size();
    }

    int readyCount() {
        return ready.size();
    }

    LoopMeter meter() {
        return meter;
    }
}
