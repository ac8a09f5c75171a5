package dev.offloop;

import dev.offloop.internal.engine.AwaitTrace;
import dev.offloop.internal.engine.Closing;
import dev.offloop.internal.engine.EndedBySignal;
import dev.offloop.internal.engine.EngineChoice;
import dev.offloop.internal.engine.JvmShutdown;
import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.LoopTask;
import dev.offloop.internal.engine.Settings;
import dev.offloop.internal.engine.SlowStepThreshold;
import dev.offloop.internal.engine.TaskDump;
import dev.offloop.internal.engine.VoidForms;
import dev.offloop.internal.offload.OffloadedWork;
import dev.offloop.internal.util.CtrlC;
import dev.offloop.internal.util.Durations;
import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.ThreadNames;
import dev.offloop.monitor.SlowStep;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Owns a loop: runs coroutines on it, one after another, and ends it.
 *
 * <p>{@link Async#run} is a runner for one coroutine. Counterpart of {@code asyncio.Runner}.
 *
 * <p><b>Threads.</b> {@link #run} starts a thread for the loop and blocks its caller until the coroutine has ended. The
 * caller's thread itself runs nothing, so it stays interruptible, even while a call blocks the loop.
 *
 * <ul>
 *   <li>An interrupt of the caller cancels the coroutine; {@code run} then throws {@link InterruptedException}. So does
 *       a first Ctrl-C when the caller is the program's main thread; {@code run} then throws {@link CancelledError}. A
 *       second interrupt, or Ctrl-C, does not wait for the coroutine.
 *   <li>A program that does not catch that error ends with exit code 130, as a shell expects, and without a stack
 *       trace.
 *   <li>{@code SIGTERM}, which Docker and Kubernetes send, and {@code System.exit} cancel the coroutine too when the
 *       caller is the program's main thread. The JVM waits until it has ended and the runner is closed, at most for the
 *       time to close: see {@link Builder#cancelOnShutdown}. It does not wait for a task or an offloaded function that
 *       has called {@code System.exit}.
 *   <li>{@link #close} cancels all tasks that are left and awaits them, then shuts the default executor down, each
 *       within the time to close, and logs a warning that names what did not stop.
 * </ul>
 */
public final class Runner implements AutoCloseable {

    // The file has more than 500 lines because of its Javadoc; the methods are short, and users look for them here.

    private static final Duration LONGEST = Duration.ofDays(10_000); // twice that is still a number of nanoseconds

    private final Loop loop;
    private final Duration closeTimeout;
    private final boolean cancelOnShutdown;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable Closing closing;

    /** The thread that runs the loop, or did so last. */
    private volatile @Nullable Thread driver;

    private Runner(Builder builder) {
        this.loop = new Loop(builder.settings(), null, OffloadedWork::new);
        this.closeTimeout = builder.closeTimeout;
        this.cancelOnShutdown = builder.cancelOnShutdown;
    }

    /**
     * Creates a runner with the defaults, as {@link Async#run} uses it.
     *
     * @return the runner
     */
    public static Runner create() {
        return builder().build();
    }

    /**
     * Returns a builder that configures a runner.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the loop, for {@link EventLoop#callSoonThreadsafe} and {@link EventLoop#runCoroutineThreadsafe}.
     *
     * @return the loop
     */
    public EventLoop loop() {
        return loop;
    }

    /**
     * Runs a coroutine to its end and returns its result.
     *
     * @param coroutine the body of the task
     * @param <T> the type of the result
     * @return the result
     * @throws Exception what the coroutine threw: the same object
     * @throws CancelledError if it was cancelled
     * @throws InterruptedException if the calling thread is interrupted; before the call, nothing has run
     * @throws IllegalStateException if called from a task, or on a closed runner
     */
    public <T extends @Nullable Object> T run(Coroutine<T> coroutine) throws Exception {
        if (Loop.currentOrNull() != null) {
            throw new IllegalStateException(
                    "run(…) cannot be called from a task or a callback: await(createTask(…)) runs it on the same loop");
        }
        if (closed.get()) {
            throw new IllegalStateException("The runner is closed");
        }
        if (Thread.interrupted()) {
            throw new InterruptedException("The calling thread was interrupted before the event loop ran");
        }
        var main = new LoopTask<T>(loop, null, coroutine);
        if (!busy.compareAndSet(false, true)) {
            throw new IllegalStateException("The runner is running another coroutine: one loop has one main task at a"
                    + " time. From another thread use runner.loop().runCoroutineThreadsafe(…)");
        }
        loop.post(() -> loop.enlist(main));
        boolean interrupted;
        var ctrlC = CtrlC.calls(() -> main.cancel("Interrupted by Ctrl-C"));
        var jvmShutdown = cancelOnShutdown
                ? JvmShutdown.calls(runEnded -> endWithJvm(main, ctrlC, runEnded))
                : JvmShutdown.none();
        try (ctrlC;
                jvmShutdown) {
            interrupted = awaitEnd(drive(main::done), main);
        }
        if (interrupted && (!main.done() || main.cancelled())) {
            throw new InterruptedException("Interrupted while the event loop ran");
        } else if (interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            return main.result();
        } catch (Throwable t) {
            addCaller(t);
            if (t instanceof CancelledError cancelled && (ctrlC.pressed() || jvmShutdown.begun())) {
                EndedBySignal.when(cancelled, ctrlC.pressed());
            }
            throw t;
        }
    }

    /** On a shutdown hook: cancels the main task and closes the loop, all within the time to close. */
    private void endWithJvm(LoopTask<?> main, CtrlC ctrlC, BooleanSupplier runEnded) {
        if (ctrlC.pressedTwice()) {
            return;
        }
        long deadline = System.nanoTime() + closeTimeout.toNanos();
        main.cancel("The JVM is shutting down");
        if (JvmShutdown.await(runEnded, deadline, loop)) {
            Thread.ofPlatform().daemon().name("offloop-close").start(this::close);
            boolean executorIsInExit = JvmShutdown.aThreadIsInExit();
            JvmShutdown.await(
                    () -> {
                        Closing phase = closing;
                        return phase != null && (phase.over() || (executorIsInExit && phase.tasksEnded()));
                    },
                    deadline,
                    loop);
        } else if (System.nanoTime() >= deadline) {
            // Not a logger: java.util.logging has a hook of its own, after which it writes nothing.
            System.err.println(
                    "The JVM shuts down before the main task has ended: it did not end when it was cancelled within "
                            + Durations.inWords(closeTimeout) + "; " + TaskDump.of(List.of(main)));
        }
    }

    /**
     * Puts the caller's frames below those of the loop's thread, which know nothing of who called run. (The source
     * launcher of {@code java Program.java} does not even print an exception without them.)
     */
    private static void addCaller(Throwable thrown) {
        try {
            List<StackTraceElement> loops = List.of(thrown.getStackTrace());
            List<StackTraceElement> callers = List.of(Thread.currentThread().getStackTrace());
            boolean there = !loops.isEmpty() && loops.getLast().equals(callers.getLast());
            if (!there) {
                AwaitTrace.append(thrown, loops, callers.subList(2, callers.size()));
            }
        } catch (RuntimeException odd) {
            return; // its getStackTrace() or setStackTrace() is not Throwable's: it must not be lost for that
        }
    }

    /**
     * Behaves as {@link #run(Coroutine)}, for a body that returns nothing.
     *
     * @param coroutine the body of the task
     * @throws Exception the failure of the body
     */
    public void run(Coroutine.Action coroutine) throws Exception {
        run(VoidForms.coroutine(coroutine));
    }

    private Thread drive(BooleanSupplier end) {
        Runnable body = () -> {
            try {
                loop.runUntil(() -> {
                    Closing phase = closing;
                    return phase == null ? end.getAsBoolean() : phase.over();
                });
            } finally {
                busy.set(false);
            }
        };
        Thread thread = switch (loop.engineInUse()) {
            case CARRIED -> Thread.ofPlatform().daemon().name(loop.threadName()).unstarted(body);
            case PORTABLE -> Thread.ofVirtual().name(loop.threadName()).unstarted(body);
        };
        thread.start();
        driver = thread; // after that: close() joins it
        return thread;
    }

    /** Waits for the loop's thread. The first interrupt is passed on to the task, the second ends the wait. */
    private static boolean awaitEnd(Thread loopThread, LoopTask<?> main) {
        boolean interrupted = false;
        while (true) {
            try {
                loopThread.join();
                return interrupted;
            } catch (InterruptedException e) {
                if (interrupted) {
                    return true;
                }
                interrupted = true;
                main.cancel("The thread that called run was interrupted");
            }
        }
    }

    /** Ends the loop. See the guarantees above. Does nothing the second time. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        var phase = new Closing(loop, closeTimeout);
        phase.begin();
        closing = phase;
        while (!phase.over()) {
            if (busy.compareAndSet(false, true)) {
                end(drive(phase::over));
                return;
            }
            // Another run has the loop, or one that was left: its thread goes on to close it. If that thread was just
            // about to end, it is our turn.
            Thread running = driver;
            if (running != null && !end(running)) {
                return;
            }
        }
    }

    /** Waits for twice the time (tasks, executor) and the grace of each; then the loop itself must be stuck. */
    private boolean end(Thread loopThread) {
        if (joined(loopThread, closeTimeout.multipliedBy(2).plusSeconds(3))) {
            return true;
        }
        nameStuckTask();
        return joined(loopThread, Duration.ofSeconds(1));
    }

    /** An interrupt does not cut the clean-up of tasks short, which is bounded anyway; it is put back after it. */
    private static boolean joined(Thread thread, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A task that blocks the loop's thread cannot be cancelled; it can be interrupted, and named. */
    private void nameStuckTask() {
        Thread thread = loop.stepThread();
        if (thread != null) {
            ErrorLog.warn("The event loop is closed while a call blocks it: " + ThreadNames.describe(thread));
            thread.interrupt();
        }
    }

    /** Configures a {@link Runner}. */
    public static final class Builder {
        private @Nullable Engine engine;
        private LoopClock clock = LoopClock.system();
        private boolean debug = Settings.debugByDefault();
        private boolean eagerTasks;
        private @Nullable Long seed;
        private @Nullable Duration standstill;
        private @Nullable Executor defaultExecutor;
        private BiConsumer<? super EventLoop, ? super ErrorContext> exceptionHandler = Settings.LOGGED;
        private String threadName = "offloop";
        private Duration closeTimeout = Closing.TIMEOUT;
        private boolean cancelOnShutdown = true;
        private @Nullable Duration slowStepThreshold;
        private @Nullable Consumer<? super SlowStep> slowStepListener;

        private Builder() {}

        /**
         * Sets the engine of the loop. The default is {@link EventLoop#engine()}.
         *
         * @param engine the engine
         * @return this builder
         */
        public Builder engine(Engine engine) {
            this.engine = engine;
            return this;
        }

        /**
         * Sets the clock of the loop. The default is real time; {@link VirtualClock} is for tests.
         *
         * @param clock the clock
         * @return this builder
         */
        public Builder clock(LoopClock clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /**
         * Sets whether every task and future remembers where it was created, so that {@link ErrorContext#createdAt}
         * returns it. That costs a walk over the stack for each. The default is the system property
         * {@code offloop.debug}.
         *
         * @param debug true for debug mode
         * @return this builder
         */
        public Builder debug(boolean debug) {
            this.debug = debug;
            return this;
        }

        /**
         * Sets whether {@code createTask} runs the new task up to its first await before it returns, instead of on a
         * later turn. Faster for tasks that seldom wait, but the order of things is another. Counterpart of
         * {@code asyncio.eager_task_factory}.
         *
         * @param eager true to start tasks eagerly
         * @return this builder
         */
        public Builder eagerTasks(boolean eager) {
            this.eagerTasks = eager;
            return this;
        }

        /**
         * Lets the tasks that are ready have their turns in a pseudo-random order instead of that in which they became
         * ready. Callbacks and timers keep their order. The same seed gives the same order, unless other threads take
         * part. For tests: what is right only in the usual order is wrong. {@code @LoopTest(seeds = 100)} of
         * offloop-testkit tries many.
         *
         * @param seed the seed
         * @return this builder
         */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Reports to the exception handler that the loop stands still: no task or callback has run for {@code after},
         * in real time, there is no timer and nothing offloaded under way, and yet there are tasks. They may wait for
         * each other, or for a thread that the loop does not know of; the message says where each waits, and for whom.
         * The default is never.
         *
         * @param after the time without progress, positive
         * @return this builder
         */
        public Builder reportStandstill(Duration after) {
            this.standstill = Durations.positive("The time after which to report", after);
            return this;
        }

        /**
         * Sets the default executor, as {@link EventLoop#setDefaultExecutor} does.
         *
         * @param executor the executor, which runs functions in this JVM
         * @return this builder
         */
        public Builder defaultExecutor(Executor executor) {
            this.defaultExecutor = DefaultExecutors.checked(executor);
            return this;
        }

        /**
         * Sets the exception handler, as {@link EventLoop#setExceptionHandler} does.
         *
         * @param handler the handler
         * @return this builder
         */
        public Builder exceptionHandler(BiConsumer<? super EventLoop, ? super ErrorContext> handler) {
            this.exceptionHandler = Objects.requireNonNull(handler, "handler");
            return this;
        }

        /**
         * Names the loop's own thread, which runs its callbacks. The default is {@code offloop}. The virtual thread of
         * a task is named after the {@linkplain Task#name task}.
         *
         * @param name the name
         * @return this builder
         */
        public Builder threadName(String name) {
            this.threadName = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets how long {@link Runner#close} waits for the cancelled tasks, and then for the default executor. The
         * default is 10 seconds each.
         *
         * @param timeout the longest time to wait, zero or more
         * @return this builder
         * @throws IllegalArgumentException if {@code timeout} is negative
         */
        public Builder closeTimeout(Duration timeout) {
            Duration checked = Durations.notNegative("closeTimeout", timeout);
            this.closeTimeout = checked.compareTo(LONGEST) < 0 ? checked : LONGEST;
            return this;
        }

        /**
         * Sets whether the end of the JVM ({@code SIGTERM}, {@code System.exit}) cancels the coroutine that
         * {@link Runner#run} runs on the program's main thread. The default is true: {@code finally} blocks run, and
         * the JVM waits for them and for {@link Runner#close}, for {@link #closeTimeout} in all. If false, the JVM ends
         * in the middle of the coroutine.
         *
         * @param cancel true to cancel the coroutine
         * @return this builder
         */
        public Builder cancelOnShutdown(boolean cancel) {
            this.cancelOnShutdown = cancel;
            return this;
        }

        /**
         * Sets how long a step, what runs between two awaits, may block the loop before it is reported: see
         * {@link SlowStep}. The default is the system property {@code offloop.slowStepThreshold}, such as {@code 250ms}
         * or {@code off}, and without one 100 ms; with another {@linkplain #clock clock} than real time, nothing is
         * reported.
         *
         * @param threshold the longest time that is not reported; zero to report nothing
         * @return this builder
         * @throws IllegalArgumentException if the threshold is negative
         */
        public Builder slowStepThreshold(Duration threshold) {
            this.slowStepThreshold = Durations.notNegative("The threshold of slow steps", threshold);
            return this;
        }

        /**
         * Sets what receives the reports of steps that block the loop. The default writes a {@code WARNING} to the
         * logger {@code dev.offloop.monitor}.
         *
         * <ul>
         *   <li>It is called on the thread that watches all loops, and must be short.
         *   <li>The first slow step of a place is reported at once; further ones at most once a minute, the longest of
         *       them with their number.
         * </ul>
         *
         * @param listener receives the reports
         * @return this builder
         */
        public Builder onSlowStep(Consumer<? super SlowStep> listener) {
            this.slowStepListener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        private Settings settings() {
            return new Settings(
                    engine != null ? EngineChoice.checked(engine) : EngineChoice.preferred(),
                    clock,
                    debug,
                    eagerTasks,
                    seed,
                    standstill,
                    threadName,
                    defaultExecutor,
                    exceptionHandler,
                    threshold(),
                    slowStepListener);
        }

        /** The time of another clock says nothing about what blocks. */
        private Duration threshold() {
            return slowStepThreshold != null
                    ? slowStepThreshold
                    : clock == LoopClock.system() ? SlowStepThreshold.byDefault() : Duration.ZERO;
        }

        /**
         * Creates, instead of a runner, a loop on the single thread of a host: {@link EventLoop#on}. The time to close
         * is that of {@link EventLoop#shutdown}, and the clock real time.
         *
         * @param executor runs the turns of the loop one after another on one platform thread
         * @return the loop
         */
        public EventLoop on(Executor executor) {
            if (clock != LoopClock.system()) {
                throw new IllegalStateException("A loop on a host's thread uses real time: leave the clock out");
            }
            return Loop.on(executor, settings(), OffloadedWork::new);
        }

        /**
         * Creates the runner.
         *
         * @return the runner
         */
        public Runner build() {
            return new Runner(this);
        }
    }
}
