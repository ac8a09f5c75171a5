package dev.offloop;

import dev.offloop.internal.Durations;
import dev.offloop.spi.StepListener;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks and callbacks one at a time, in the order in which they became ready, and sleeps when none is.
 *
 * <h2>How it works</h2>
 *
 * <p><b>Turns.</b> What can run now waits in a queue; so do timers for their time, and messages from other threads in an
 * inbox. {@link Turns} takes one after the other and sleeps when there is none.
 *
 * <p><b>Threads.</b> The loop of a {@link Runner} has a thread of its own while it runs: a platform thread with the
 * {@linkplain Engine#CARRIED carried} engine, a virtual one with the {@linkplain Engine#PORTABLE portable} one. A loop made
 * by {@link #on} is a guest on somebody else's. A task has a virtual thread, on a {@link Fiber}. Loop and tasks never run
 * at the same moment; together they are <i>the loop's side</i>, and everything but the inbox belongs to it without a lock.
 * Whether a thread is on the loop's side it knows from a thread-local; a thread that a task starts is not.
 *
 * <p><b>Offloading.</b> An {@link OffloadedCall} is a future on the loop's side and a runnable for the executor. Its
 * result comes back through the inbox, in one wake-up with all that came at the same time.
 *
 * <h2>Guarantees</h2>
 *
 * <ul>
 *   <li>{@link #callSoonThreadsafe}, {@link #runCoroutineThreadsafe}, {@link #execute}, {@link #time} and {@link
 *       #shutdown} may be called from any thread; every other method only on the loop's side, and says so with a {@link
 *       WrongThreadException} elsewhere.
 *   <li>Times are on the loop's own clock, {@link #time()}, which never jumps.
 *   <li>What a callback throws goes to the exception handler; the loop goes on.
 * </ul>
 *
 * <p>Answers to {@code asyncio.AbstractEventLoop}.
 */
public final class EventLoop implements Executor {

    private static final ThreadLocal<@Nullable EventLoop> CURRENT = new ThreadLocal<>();

    private final Settings settings;
    private final @Nullable Host host;
    private final Turns turns;
    private final TaskList tasks = new TaskList();
    private final Object afterwards = new Object();
    private final Unretrieved unretrieved = new Unretrieved(this);
    private final Endings endings = new Endings(this);

    private volatile @Nullable Thread thread;
    private volatile boolean closing;

    /** The only thread that may still touch a loop whose host has ended. */
    private volatile @Nullable Thread undertaker;

    private @Nullable LoopTask<?> runningTask;

    /** How many of its tasks wait for what another task may hold. On the loop's side. */
    int lockWaits;

    private @Nullable Executor defaultExecutor;
    private @Nullable Promise<@Nullable Void> executorDown;
    private BiConsumer<? super EventLoop, ? super ErrorContext> exceptionHandler;

    /** For {@link StepWatch}, which only compares them. */
    private volatile @Nullable Fiber lastResumed;

    private long switches;

    EventLoop(Engine engine) {
        this(Settings.of(engine), null);
    }

    EventLoop(Settings settings, @Nullable Host host) {
        this.settings = settings;
        this.host = host;
        this.turns = new Turns(this, settings, host);
        this.exceptionHandler = settings.exceptionHandler();
        if (settings.defaultExecutor() != null) {
            this.defaultExecutor = checked(settings.defaultExecutor());
        }
    }

    /**
     * A loop that takes its turns on somebody else's single thread: {@code EventLoop.on(SwingUtilities::invokeLater)}, {@code
     * on(Platform::runLater)}, {@code on(nettyEventLoop)}.
     *
     * <ul>
     *   <li>Tasks run while that thread stands in one of the loop's turns, so they never run at the same moment as the
     *       host's own listeners. Between two turns the host has its thread for itself.
     *   <li>From its first turn on the host's thread belongs to the loop's side: a listener may call {@code
     *       Async.createTask(…)}.
     *   <li>A task has a virtual thread all the same, so code that compares {@code Thread.currentThread()} with the host's
     *       finds another. {@link #callOnOwnThread} runs such code where it wants to be. A task that blocks, or waits for
     *       the host without an {@code await}, blocks the host.
     *   <li>{@link #shutdown} ends the loop. When the host refuses a turn, the loop ends at once: its tasks are cancelled
     *       without being run again, and their {@code finally} blocks with them. So shut the loop down first, then its host.
     * </ul>
     *
     * <p>{@link Runner.Builder#on} does the same with options.
     *
     * @param executor runs what it is given one after another on one platform thread; it must not run it inside {@code
     *     execute}
     */
    public static EventLoop on(Executor executor) {
        return on(executor, Settings.of(Engine.preferred()));
    }

    static EventLoop on(Executor executor, Settings settings) {
        var host = new Host(Objects.requireNonNull(executor, "executor"));
        var loop = new EventLoop(settings, host);
        host.start(loop);
        return loop;
    }

    // ---- which loop, which engine

    /**
     * The loop that runs the calling task or callback. Answers to {@code asyncio.get_running_loop()}.
     *
     * @throws IllegalStateException outside of one
     */
    public static EventLoop current() {
        EventLoop loop = currentOrNull();
        if (loop == null) {
            throw new IllegalStateException("No event loop runs on "
                    + Stuck.name(Thread.currentThread())
                    + (Offload.isRunning()
                            ? ", which runs an offloaded function. Offload.call(() -> …) runs a coroutine on the loop and"
                                    + " waits for it"
                            : ". Call this from a task or a callback, inside Async.run(…); from another thread use"
                                    + " loop.callSoonThreadsafe(…) or loop.runCoroutineThreadsafe(…)"));
        }
        return loop;
    }

    /** Whether {@link #current} has one to return. */
    public static boolean isOnLoop() {
        return currentOrNull() != null;
    }

    /** The loop on whose side the calling thread is, if it is on one's. */
    static @Nullable EventLoop currentOrNull() {
        EventLoop loop = CURRENT.get();
        return loop != null && loop.isCurrent() ? loop : null;
    }

    /** The engine of the current loop; outside of one, the engine that a new loop would use. */
    public static Engine engine() {
        EventLoop loop = CURRENT.get();
        return loop == null ? Engine.preferred() : loop.settings.engine();
    }

    /** Whether the loop is in {@linkplain Runner.Builder#debug debug mode}. */
    public boolean debug() {
        return settings.debug();
    }

    String threadName() {
        return settings.threadName();
    }

    Engine engineInUse() {
        return settings.engine();
    }

    // ---- callbacks and timers

    /** Calls {@code callback} on the next turn of the loop. */
    public Handle callSoon(Runnable callback) {
        checkCurrent("callSoonThreadsafe(…)");
        var handle = new Callback(this, callback);
        turns.add(handle);
        return handle;
    }

    /**
     * Calls {@code callback} on the loop soon. From any thread; wakes the loop if it sleeps.
     *
     * @throws IllegalStateException if the loop is closed
     */
    public Handle callSoonThreadsafe(Runnable callback) {
        var handle = new Callback(this, callback);
        if (!post(handle)) {
            throw new IllegalStateException("The event loop is closed");
        }
        return handle;
    }

    /** Calls {@code callback} when {@code delay} has passed; a negative one counts as zero. */
    public TimerHandle callLater(Duration delay, Runnable callback) {
        checkCurrent("callSoonThreadsafe(() -> loop.callLater(…))");
        return turns.addTimer(after(delay), callback);
    }

    /** Calls {@code callback} at {@code when} on the clock of {@link #time()}. */
    public TimerHandle callAt(Duration when, Runnable callback) {
        checkCurrent("callSoonThreadsafe(() -> loop.callAt(…))");
        return turns.addTimer(Nanos.of(when), callback);
    }

    /**
     * The time on the loop's clock: how long ago the loop was made. Durations on it can be added and compared; it has
     * nothing to do with the time of day.
     */
    public Duration time() {
        return Duration.ofNanos(now());
    }

    /** Calls {@code action} on the loop: at once if this is the loop's side, else as {@link #callSoonThreadsafe} does. */
    @Override
    public void execute(Runnable action) {
        if (isCurrent()) {
            action.run();
        } else if (!post(new Callback(this, action))) {
            throw new RejectedExecutionException("The event loop is closed");
        }
    }

    /**
     * Calls a function on the loop's own thread, on a later turn, and returns the future of its result: for code that looks
     * at {@code Thread.currentThread()}, such as that of a host. A task runs on a virtual thread of its own.
     */
    public <T extends @Nullable Object> Future<T> callOnOwnThread(Callable<T> function) {
        Objects.requireNonNull(function, "function");
        LoopPromise<T> result = new LoopPromise<>(this);
        callSoon(() -> {
            if (!result.done()) {
                try {
                    result.succeed(function.call());
                } catch (Throwable t) {
                    result.fail(t);
                }
            }
        });
        return result;
    }

    /** The void form of {@link #callOnOwnThread(Callable)}. */
    public Future<@Nullable Void> callOnOwnThread(Coroutine.Action action) {
        return callOnOwnThread(Actions.callable(action));
    }

    // ---- futures and tasks

    /** A new future to be completed by hand. Answers to {@code loop.create_future()}. */
    public <T extends @Nullable Object> Promise<T> createFuture() {
        return new LoopPromise<>(this);
    }

    /** Starts a task; its body begins on a later turn. Answers to {@code loop.create_task(coro)}. */
    public <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine) {
        return spawn(null, coroutine);
    }

    /** The void form of {@link #createTask(Coroutine)}. */
    public Task<@Nullable Void> createTask(Coroutine.Action coroutine) {
        return spawn(null, Actions.coroutine(coroutine));
    }

    /** Starts a task with a name. */
    public <T extends @Nullable Object> Task<T> createTask(String name, Coroutine<T> coroutine) {
        return spawn(name, coroutine);
    }

    /** The void form of {@link #createTask(String, Coroutine)}. */
    public Task<@Nullable Void> createTask(String name, Coroutine.Action coroutine) {
        return spawn(name, Actions.coroutine(coroutine));
    }

    private <T extends @Nullable Object> LoopTask<T> spawn(@Nullable String name, Coroutine<? extends T> coroutine) {
        return spawn(name, coroutine, _ -> {});
    }

    /** Starts a task, after something was done with it that has to come before its first step. */
    <T extends @Nullable Object> LoopTask<T> spawn(
            @Nullable String name, Coroutine<? extends T> coroutine, Consumer<? super LoopTask<T>> first) {
        checkCurrent("runCoroutineThreadsafe(…)");
        var task = new LoopTask<T>(this, name, coroutine);
        first.accept(task);
        if (settings.eagerTasks()) {
            startNow(task);
        } else {
            enlist(task);
        }
        return task;
    }

    private void startNow(LoopTask<?> task) {
        tasks.add(task);
        if (runningTask != null) {
            runningTask.stepAsideFor(task);
        } else {
            task.run();
            turns.runAside();
        }
    }

    /** Takes a task on and runs its first step on a later turn. */
    void enlist(LoopTask<?> task) {
        tasks.add(task);
        turns.add(task);
    }

    /** Whether the loop takes no more coroutines, but still runs. */
    boolean isClosing() {
        return closing && !closed();
    }

    /**
     * From any thread: runs what ends a future, on the loop; after its end on this thread, one at a time. Others may still
     * wait for that future.
     */
    void postEnd(Runnable end) {
        if (!post(end)) {
            synchronized (afterwards) {
                end.run();
            }
        }
    }

    /** From any thread: takes a task on, and does something else with it. */
    void enlistFromOutside(LoopTask<?> task, Runnable also) {
        boolean taken = !closing
                && post(() -> {
                    enlist(task);
                    also.run();
                });
        if (!taken) {
            throw new IllegalStateException("The event loop is closed");
        }
    }

    /**
     * Runs a coroutine on the loop from another thread, and gives that thread a future to block on or to cancel. Answers
     * to {@code asyncio.run_coroutine_threadsafe}.
     *
     * @throws IllegalStateException if the loop is closed
     */
    public <T extends @Nullable Object> CompletableFuture<T> runCoroutineThreadsafe(Coroutine<T> coroutine) {
        var task = new LoopTask<T>(this, null, coroutine);
        CompletableFuture<T> mirror = task.toCompletableFuture();
        enlistFromOutside(task, () -> {});
        return mirror;
    }

    /** The void form of {@link #runCoroutineThreadsafe(Coroutine)}. */
    public CompletableFuture<@Nullable Void> runCoroutineThreadsafe(Coroutine.Action coroutine) {
        return runCoroutineThreadsafe(Actions.coroutine(coroutine));
    }

    /** The tasks that have not ended, in the order of their creation. Answers to {@code asyncio.all_tasks()}. */
    public Set<Task<?>> allTasks() {
        checkCurrent("runCoroutineThreadsafe(loop::allTasks)");
        return tasks.toSet();
    }

    /**
     * Where each task that has not ended waits, a line for each: for logs and debuggers. Answers to {@code
     * asyncio.print_call_graph} and {@code python -m asyncio ps}.
     */
    public String dumpTasks() {
        checkCurrent("runCoroutineThreadsafe(loop::dumpTasks)");
        return TaskDump.of(tasks.toList());
    }

    /** Lets a tool see every step, from the next on. */
    public void addStepListener(StepListener listener) {
        checkCurrent("callSoonThreadsafe(() -> loop.addStepListener(…))");
        turns.addStepListener(Objects.requireNonNull(listener, "listener"));
    }

    /** Ends what {@link #addStepListener} has begun. */
    public void removeStepListener(StepListener listener) {
        checkCurrent("callSoonThreadsafe(() -> loop.removeStepListener(…))");
        turns.removeStepListener(listener);
    }

    // ---- executors

    /**
     * Runs a function on an executor and returns the future of its result.
     *
     * <ul>
     *   <li>What the function throws is raised, the same object, where the future is awaited. An executor that refuses
     *       the function fails the future with its {@link RejectedExecutionException}.
     *   <li>Cancelling the future before the function has started means that it never runs; later, that its thread is
     *       interrupted and its result dropped, unless {@link OnCancel} says otherwise.
     *   <li>The function sees a copy of the caller's {@linkplain ContextVar context}.
     *   <li>An {@link ExecutorService} that is shut down with the function still in its queue fails the future.
     * </ul>
     *
     * <p>Answers to {@code loop.run_in_executor}.
     *
     * @param executor where to run it; null for the default executor
     */
    public <T extends @Nullable Object> Future<T> runInExecutor(@Nullable Executor executor, Callable<T> function) {
        return runInExecutor(executor, OnCancel.INTERRUPT, function);
    }

    /** The void form of {@link #runInExecutor(Executor, Callable)}. */
    public Future<@Nullable Void> runInExecutor(@Nullable Executor executor, Coroutine.Action action) {
        return runInExecutor(executor, Actions.callable(action));
    }

    /** {@link #runInExecutor(Executor, Callable)}, with a say in what a cancellation does and a listener to progress. */
    public <T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable Executor executor, OffloadOptions options, Callable<T> function) {
        checkCurrent("runCoroutineThreadsafe(() -> await(loop.runInExecutor(…)))");
        if (executor instanceof RemoteExecutor remote) {
            // Reached with a function whose static type hides that it can be sent; the executor says so if it cannot.
            return Remote.submit(this, remote, options, function);
        }
        Executor where = executor == null ? defaultExecutor() : executor;
        var call = new OffloadedCall<T>(this, where, options, function);
        call.start();
        return call;
    }

    /** The void form of {@link #runInExecutor(Executor, OffloadOptions, Callable)}. */
    public Future<@Nullable Void> runInExecutor(
            @Nullable Executor executor, OffloadOptions options, Coroutine.Action action) {
        return runInExecutor(executor, options, Actions.callable(action));
    }

    /**
     * Runs a function outside this JVM and returns the future of its result. A lambda written here is serializable.
     *
     * <p>As {@link #runInExecutor(Executor, Callable)}, and: what cannot be serialized fails the future; cancelling the
     * future stops the function.
     *
     * @param executor where to run it; null for the default executor, which is in this JVM
     */
    public <T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable RemoteExecutor executor, RemoteCallable<T> function) {
        return runInExecutor(executor, OnCancel.INTERRUPT, function);
    }

    /** The void form of {@link #runInExecutor(RemoteExecutor, RemoteCallable)}. */
    public Future<@Nullable Void> runInExecutor(@Nullable RemoteExecutor executor, RemoteCallable.Action action) {
        return runInExecutor(executor, OnCancel.INTERRUPT, action);
    }

    /** {@link #runInExecutor(RemoteExecutor, RemoteCallable)}, with a say in what a cancellation does and a listener to progress. */
    public <T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable RemoteExecutor executor, OffloadOptions options, RemoteCallable<T> function) {
        checkCurrent("runCoroutineThreadsafe(() -> await(loop.runInExecutor(…)))");
        return executor == null
                ? runInExecutor((Executor) null, options, (Callable<T>) function)
                : Remote.submit(this, executor, options, function);
    }

    /** The void form of {@link #runInExecutor(RemoteExecutor, OffloadOptions, RemoteCallable)}. */
    public Future<@Nullable Void> runInExecutor(
            @Nullable RemoteExecutor executor, OffloadOptions options, RemoteCallable.Action action) {
        checkCurrent("runCoroutineThreadsafe(() -> await(loop.runInExecutor(…)))");
        return executor == null
                ? runInExecutor((Executor) null, options, Actions.callable(action))
                : Remote.submit(this, executor, options, RemoteCallable.of(action));
    }

    /** Runs a function of one argument on an executor: {@code runInExecutor(pool, Files::readString, path)}. */
    public <A extends @Nullable Object, T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable Executor executor, CheckedFunction<? super A, T> function, A argument) {
        return runInExecutor(executor, () -> function.apply(argument));
    }

    /** Runs a function of two arguments on an executor. */
    public <A extends @Nullable Object, B extends @Nullable Object, T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable Executor executor, CheckedBiFunction<? super A, ? super B, T> function, A first, B second) {
        return runInExecutor(executor, () -> function.apply(first, second));
    }

    /** Runs a function of three arguments on an executor. */
    public <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    T extends @Nullable Object>
            Future<T> runInExecutor(
                    @Nullable Executor executor,
                    CheckedTriFunction<? super A, ? super B, ? super C, T> function,
                    A first,
                    B second,
                    C third) {
        return runInExecutor(executor, () -> function.apply(first, second, third));
    }

    /** Runs a function of one argument outside this JVM. */
    public <A extends @Nullable Object, T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable RemoteExecutor executor, RemoteFunction<? super A, T> function, A argument) {
        return runInExecutor(executor, (RemoteCallable<T>) () -> function.apply(argument));
    }

    /** Runs a function of two arguments outside this JVM. */
    public <A extends @Nullable Object, B extends @Nullable Object, T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable RemoteExecutor executor, RemoteBiFunction<? super A, ? super B, T> function, A first, B second) {
        return runInExecutor(executor, (RemoteCallable<T>) () -> function.apply(first, second));
    }

    /** Runs a function of three arguments outside this JVM. */
    public <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    T extends @Nullable Object>
            Future<T> runInExecutor(
                    @Nullable RemoteExecutor executor,
                    RemoteTriFunction<? super A, ? super B, ? super C, T> function,
                    A first,
                    B second,
                    C third) {
        return runInExecutor(executor, (RemoteCallable<T>) () -> function.apply(first, second, third));
    }

    /**
     * Makes {@code executor} the one that {@code null} and {@code toThread} stand for. The loop shuts it down at its end
     * if it is an {@link ExecutorService}. A pool of Offloop's that it replaces ends with the calls it has; one of the
     * user's stays the user's.
     */
    public void setDefaultExecutor(Executor executor) {
        checkCurrent("callSoonThreadsafe(() -> loop.setDefaultExecutor(…))");
        checked(executor);
        if (defaultExecutor instanceof ThreadPool pool && pool != executor) {
            pool.retire();
        }
        defaultExecutor = executor;
    }

    private static Executor checked(Executor executor) {
        Objects.requireNonNull(executor, "executor");
        if (executor instanceof RemoteExecutor) {
            throw new IllegalArgumentException("The default executor must run functions in this JVM: toThread's"
                    + " lambdas are not serializable. Pass the RemoteExecutor to runInExecutor instead");
        }
        if (executor instanceof CapacityLimiter limiter && !limiter.hasExecutor()) {
            throw new IllegalArgumentException("A CapacityLimiter without an executor of its own runs functions on the"
                    + " default executor, so it cannot be that one: new CapacityLimiter(limit, executor)");
        }
        return executor;
    }

    Executor defaultExecutor() {
        if (executorDown != null) {
            throw new IllegalStateException("The default executor has been shut down");
        }
        if (defaultExecutor == null) {
            defaultExecutor = new ThreadPool();
        }
        return defaultExecutor;
    }

    /**
     * Shuts the default executor down without blocking the loop: takes no more calls, lets the running ones finish,
     * interrupts them when {@code timeout} has passed, and logs a warning that names those which would not stop. While the loop
     * closes and has no tasks any more, functions that only wait in {@code dev.offloop.sync} are interrupted before that, as
     * soon as no other function runs: nothing of the loop can wake them. Answers to {@code loop.shutdown_default_executor(timeout)}.
     *
     * @return done when the executor has ended or was given up
     */
    public Future<@Nullable Void> shutdownDefaultExecutor(Duration timeout) {
        checkCurrent("runCoroutineThreadsafe(() -> await(loop.shutdownDefaultExecutor(…)))");
        if (executorDown != null) {
            return executorDown;
        }
        Promise<@Nullable Void> down = createFuture();
        Executor executor = defaultExecutor;
        boolean idle = isClosing() && unfinishedTasks().isEmpty();
        executorDown = down;
        if (executor == null) {
            down.setResult(null);
            return down;
        }
        defaultExecutor = null;
        outside().begin();
        Thread.ofPlatform().daemon().name("offloop-shutdown").start(() -> {
            try {
                ExecutorEnd.await(executor, timeout, idle);
            } finally {
                post(() -> {
                    outside().end();
                    ((LoopPromise<@Nullable Void>) down).succeed(null);
                });
            }
        });
        return down;
    }

    /** Replaces what is told of errors that nobody awaits. The default one logs them to the logger {@code dev.offloop}. */
    public void setExceptionHandler(BiConsumer<? super EventLoop, ? super ErrorContext> handler) {
        checkCurrent("callSoonThreadsafe(() -> loop.setExceptionHandler(…))");
        exceptionHandler = Objects.requireNonNull(handler, "handler");
    }

    void report(ErrorContext context) {
        try {
            exceptionHandler.accept(this, context);
        } catch (Throwable t) { // what it was told of must not be lost with it, and the loop must go on
            ErrorLog.error(context);
            ErrorLog.error(ErrorContext.of("Exception in the loop's exception handler", t));
        }
    }

    /** Nothing that is known can wake the loop, and yet there are tasks. */
    void standsStill(Duration since) {
        List<LoopTask<?>> left = tasks.toList();
        if (!left.isEmpty()) {
            report(ErrorContext.of(
                    "The event loop stands still: nothing has run for " + Durations.inWords(since)
                            + ", there is no timer and nothing offloaded, and these tasks wait:\n" + TaskDump.of(left),
                    null));
        }
    }

    // ---- the inside, on the loop's side

    boolean isCurrent() {
        return CURRENT.get() == this && (host == null || isHostsOrTasksThread());
    }

    /** A host may have left its former threads behind, which still have this loop in their thread-local. */
    private boolean isHostsOrTasksThread() {
        Thread me = Thread.currentThread();
        Thread undertaker = this.undertaker;
        if (undertaker != null) {
            return me == undertaker;
        }
        return me == thread || (runningTask != null && me.isVirtual());
    }

    void checkCurrent(String instead) {
        if (!isCurrent()) {
            if (closed()) {
                throw new IllegalStateException("The event loop is closed");
            }
            throw new WrongThreadException("Only a task or a callback of this loop may call this, not "
                    + Stuck.name(Thread.currentThread()) + ". From there use " + instead);
        }
    }

    /** From any thread: runs an action of ours on the loop. False if the loop is closed. */
    boolean post(Runnable action) {
        return turns.post(action);
    }

    Turns turns() {
        return turns;
    }

    LoopClock clock() {
        return settings.clock();
    }

    Timer timerAt(long when, Runnable action) {
        return turns.addTimer(when, action);
    }

    void forget(Timer timer) {
        if (isCurrent()) {
            turns.remove(timer);
        } else {
            post(() -> turns.remove(timer));
        }
    }

    long now() {
        return turns.now();
    }

    /** The time after a delay, which may be as long as it likes. */
    long after(Duration delay) {
        return Nanos.sum(now(), Nanos.of(delay));
    }

    TaskList tasks() {
        return tasks;
    }

    Unretrieved unretrieved() {
        return unretrieved;
    }

    /** After the loop's end several threads may end its futures at a time. */
    Endings endings() {
        return closed() && !isCurrent() ? new Endings(this) : endings;
    }

    Outside outside() {
        return turns.outside();
    }

    @Nullable
    LoopTask<?> runningTask() {
        return runningTask;
    }

    @Nullable
    LoopTask<?> enter(@Nullable LoopTask<?> task) {
        LoopTask<?> before = runningTask;
        runningTask = task;
        return before;
    }

    /** A future of this loop for any stage. */
    @SuppressWarnings("unchecked") // a LoopFuture that is a CompletionStage<T> is a LoopFuture<T>
    <T extends @Nullable Object> LoopFuture<T> adopt(CompletionStage<? extends T> stage) {
        Objects.requireNonNull(stage, "There is no future to wait for: it is null");
        return stage instanceof LoopFuture<?> future && future.loop == this
                ? (LoopFuture<T>) future
                : new StageAdapter<>(this, (CompletionStage<T>) stage, OnCancel.INTERRUPT);
    }

    /** Says that the calling thread is on this loop's side. */
    void bindThread() {
        CURRENT.set(this);
    }

    @Nullable
    Thread thread() {
        return thread;
    }

    void resumed(Fiber fiber) {
        lastResumed = fiber;
        switches++;
    }

    @Nullable
    Fiber lastResumed() {
        return lastResumed;
    }

    /** Ends the suspension of a pinned task in an error, unless something has run since the watch saw it. */
    void refuseSuspension(PortableFiber fiber, long switchesThen) {
        if (switches == switchesThen && lastResumed == fiber) {
            for (LoopTask<?> task : tasks.toList()) {
                if (task.thread() == fiber.thread() && task.leaveAwait()) {
                    fiber.refuse();
                }
            }
        }
    }

    long switches() {
        return switches;
    }

    long wakeUps() {
        return turns.wakeUps();
    }

    int timerCount() {
        return turns.timerCount();
    }

    /** Parks the loop's thread until something unparks it. The flag of a stray interrupt would keep it from parking. */
    static void parkLoop(Object blocker) {
        LockSupport.park(blocker);
        boolean _ = Thread.interrupted();
    }

    static void parkLoop(Object blocker, long nanos) {
        LockSupport.parkNanos(blocker, nanos);
        boolean _ = Thread.interrupted();
    }

    // ---- running, on the loop's thread

    /** Takes turns until {@code end} holds. */
    void runUntil(BooleanSupplier end) {
        thread = Thread.currentThread();
        bindThread();
        Thread watch = settings.engine() == Engine.PORTABLE ? startStepWatch() : null;
        try {
            while (!end.getAsBoolean()) {
                try {
                    if (!turns.take()) {
                        turns.rest();
                    }
                } catch (Throwable t) { // an executor that cannot be asked whether it has ended, or no memory
                    report(ErrorContext.of("Exception in the event loop itself", t));
                }
            }
        } finally {
            if (watch != null) {
                watch.interrupt();
            }
            CURRENT.remove();
            thread = null;
        }
    }

    private Thread startStepWatch() {
        return Thread.ofPlatform().daemon().name("offloop-step-watch").start(new StepWatch(this));
    }

    /** One turn as a guest, on the host's thread. */
    void takeTurn(Host host) {
        try {
            turns.take();
        } catch (Throwable t) { // as in runUntil
            report(ErrorContext.of("Exception in the event loop itself", t));
        }
        if (closed()) {
            CURRENT.remove();
        } else if (!turns.doze(host)) {
            host.wake();
        }
    }

    /** Makes the host's thread a part of the loop's side. */
    void settleOn(Thread thread) {
        EventLoop other = CURRENT.get();
        if (other != null && other != this && !other.closed()) {
            throw new IllegalStateException(Stuck.name(thread) + " belongs to another event loop already: " + other);
        }
        if (thread.isVirtual() && settings.engine() == Engine.CARRIED) {
            throw new IllegalStateException("The carried engine needs a platform thread, not " + Stuck.name(thread)
                    + "; -Doffloop.engine=portable can do with a virtual one");
        }
        this.thread = thread;
        bindThread();
    }

    /** Takes no more coroutines from other threads, who could hand them in faster than they can be cancelled. */
    void beginToClose() {
        closing = true;
    }

    /**
     * Ends a loop that was made by {@link #on}: cancels its tasks and waits for them, then shuts its default executor down,
     * each within 10 seconds. From any thread; does not block, since its caller may be the host's own thread.
     *
     * @return done when the loop has ended
     * @throws IllegalStateException on a loop that a {@link Runner} has made, which its {@code close()} ends
     */
    public CompletableFuture<@Nullable Void> shutdown() {
        if (host == null) {
            throw new IllegalStateException("This loop belongs to a Runner: close() that one");
        }
        return host.shutdown(Runner.CLOSE_TIMEOUT);
    }

    /**
     * Refuses all that may still come, runs what came before, once, and ends the tasks that are left: whoever waits for
     * one of them on another thread must not wait for ever. The last thing on the loop's side.
     */
    void close() {
        turns.close();
        endTasks();
        unretrieved.reportAll();
    }

    private void endTasks() {
        for (LoopTask<?> task : tasks.toList()) {
            String place = TaskDump.of(List.of(task));
            tasks.remove(task);
            report(ErrorContext.of(
                    "A task was still pending when its event loop closed: "
                            + (undertaker == null ? "it did not end when it was cancelled; " : "its host was gone; ")
                            + place,
                    null,
                    task));
            task.endCancelled("The event loop was closed before the task had ended");
        }
    }

    /** Ends a loop that has no thread any more. */
    void abandon(Throwable why) {
        closing = true;
        undertaker = Thread.currentThread();
        EventLoop before = CURRENT.get();
        bindThread(); // listeners may call what belongs to the loop's side
        try {
            bury(why);
        } finally {
            if (before == null || before == this) {
                CURRENT.remove();
            } else {
                CURRENT.set(before);
            }
        }
    }

    private void bury(Throwable why) {
        turns.abandon();
        ErrorLog.error(ErrorContext.of("The host of an event loop does not run it any more: the loop has ended", why));
        endTasks();
        if (defaultExecutor instanceof ThreadPool pool) {
            pool.retire();
        }
        unretrieved.reportAll();
    }

    boolean closed() {
        return turns.closed();
    }

    List<LoopTask<?>> unfinishedTasks() {
        return tasks.toList();
    }

    @Override
    public String toString() {
        return "EventLoop[" + settings.engine() + (closed() ? ", closed]" : "]");
    }
}
