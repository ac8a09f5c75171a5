package dev.offloop;

import java.time.Duration;
import java.util.ArrayDeque;
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
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks and callbacks one at a time, in the order in which they became ready, and sleeps when none is.
 *
 * <h2>How it works</h2>
 *
 * <p><b>Parts.</b> The <i>ready queue</i> holds what can run now. The {@link TimerQueue} holds what waits for its time.
 * The {@link Inbox} holds what other threads brought. A turn of the loop moves the inbox and the due timers to the end
 * of the ready queue, then runs as many entries as there are; what they add waits for the next turn, so nobody can starve
 * timers and completions. With nothing ready the loop sleeps in the inbox until its first timer.
 *
 * <p><b>Threads.</b> The loop has a thread of its own while it runs: a platform thread with the {@linkplain
 * Engine#CARRIED carried} engine, a virtual one with the {@linkplain Engine#PORTABLE portable} one. A task has a virtual
 * thread, on a {@link Fiber}. Loop and tasks never run at the same moment; together they are <i>the loop's side</i>, and
 * everything here but the inbox belongs to it without a lock. Whether a thread is on the loop's side it knows from a
 * thread-local; a thread that a task starts is not.
 *
 * <p><b>Offloading.</b> An {@link OffloadedCall} is a future on the loop's side and a runnable for the executor. Its
 * result comes back through the inbox, in one wake-up with all that came at the same time.
 *
 * <h2>Guarantees</h2>
 *
 * <ul>
 *   <li>{@link #callSoonThreadsafe}, {@link #runCoroutineThreadsafe}, {@link #execute} and {@link #toString} may be called
 *       from any thread; every other method only on the loop's side, and says so with a {@link WrongThreadException}
 *       elsewhere.
 *   <li>Times are on the loop's own clock, {@link #time()}, which never jumps.
 *   <li>What a callback throws goes to the exception handler; the loop goes on.
 * </ul>
 *
 * <p>Answers to {@code asyncio.AbstractEventLoop}.
 */
public final class EventLoop implements Executor {

    private static final ThreadLocal<@Nullable EventLoop> CURRENT = new ThreadLocal<>();

    private final Engine engine;
    private final long origin = System.nanoTime();
    private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
    private final TimerQueue timers = new TimerQueue();
    private final Inbox inbox = new Inbox();
    private final TaskList tasks = new TaskList();
    private final PendingCalls pendingCalls = new PendingCalls();
    private final Unretrieved unretrieved = new Unretrieved(this);

    private volatile @Nullable Thread thread;
    private volatile boolean closing;
    private @Nullable LoopTask<?> runningTask;
    private @Nullable Executor defaultExecutor;
    private boolean executorShutDown;
    private BiConsumer<? super EventLoop, ? super ErrorContext> exceptionHandler =
            (_, context) -> ErrorLog.error(context);

    /** For {@link PinWatch}, which only compares them. */
    private volatile @Nullable Fiber lastResumed;

    private long switches;

    EventLoop(Engine engine) {
        this.engine = engine;
    }

    // ---- which loop, which engine

    /**
     * The loop that runs the calling task or callback. Answers to {@code asyncio.get_running_loop()}.
     *
     * @throws IllegalStateException outside of one
     */
    public static EventLoop current() {
        EventLoop loop = CURRENT.get();
        if (loop == null) {
            throw new IllegalStateException("No event loop runs on "
                    + Stuck.name(Thread.currentThread())
                    + ". Call this from a task or a callback, inside Async.run(…); from another thread use"
                    + " loop.callSoonThreadsafe(…) or loop.runCoroutineThreadsafe(…)");
        }
        return loop;
    }

    static @Nullable EventLoop currentOrNull() {
        return CURRENT.get();
    }

    /** The engine of the current loop; outside of one, the engine that a new loop would use. */
    public static Engine engine() {
        EventLoop loop = CURRENT.get();
        return loop == null ? Engine.preferred() : loop.engine;
    }

    Engine engineInUse() {
        return engine;
    }

    // ---- callbacks and timers

    /** Calls {@code callback} on the next turn of the loop. */
    public Handle callSoon(Runnable callback) {
        checkCurrent("callSoonThreadsafe(…)");
        var handle = new Callback(this, callback);
        ready.add(handle);
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
        return timers.add(this, after(delay), callback);
    }

    /** Calls {@code callback} at {@code when} on the clock of {@link #time()}. */
    public TimerHandle callAt(Duration when, Runnable callback) {
        checkCurrent("callSoonThreadsafe(() -> loop.callAt(…))");
        return timers.add(this, Nanos.of(when), callback);
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

    <T extends @Nullable Object> LoopTask<T> spawn(@Nullable String name, Coroutine<? extends T> coroutine) {
        checkCurrent("runCoroutineThreadsafe(…)");
        var task = new LoopTask<T>(this, name, coroutine);
        enlist(task);
        return task;
    }

    /** Takes no more coroutines from other threads, who could hand them in faster than they can be cancelled. */
    void beginToClose() {
        closing = true;
    }

    /** Takes a task on and runs its first step on a later turn. */
    void enlist(LoopTask<?> task) {
        tasks.add(task);
        ready.add(task);
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
        if (closing || !post(() -> enlist(task))) {
            throw new IllegalStateException("The event loop is closed");
        }
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

    // ---- executors

    /**
     * Runs a function on an executor and returns the future of its result.
     *
     * <ul>
     *   <li>What the function throws is raised, the same object, where the future is awaited. An executor that refuses
     *       the function fails the future with its {@link RejectedExecutionException}.
     *   <li>Cancelling the future before the function has started means that it never runs; later, that its thread is
     *       interrupted and its result dropped.
     *   <li>An {@link ExecutorService} that is shut down with the function still in its queue fails the future.
     * </ul>
     *
     * <p>Answers to {@code loop.run_in_executor}.
     *
     * @param executor where to run it; null for the default executor
     */
    public <T extends @Nullable Object> Future<T> runInExecutor(@Nullable Executor executor, Callable<T> function) {
        checkCurrent("runCoroutineThreadsafe(() -> await(loop.runInExecutor(…)))");
        if (executor instanceof RemoteExecutor remote) {
            // Reached with a function whose static type hides that it can be sent; the executor says so if it cannot.
            return adopt(Remote.submit(remote, function));
        }
        Executor where = executor == null ? defaultExecutor() : executor;
        var call = new OffloadedCall<T>(this, where, function);
        if (where instanceof ExecutorService) {
            pendingCalls.add(call, now());
        }
        call.start();
        return call;
    }

    /** The void form of {@link #runInExecutor(Executor, Callable)}. */
    public Future<@Nullable Void> runInExecutor(@Nullable Executor executor, Coroutine.Action action) {
        return runInExecutor(executor, Actions.callable(action));
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
        checkCurrent("runCoroutineThreadsafe(() -> await(loop.runInExecutor(…)))");
        return executor == null
                ? runInExecutor((Executor) null, (Callable<T>) function)
                : adopt(Remote.submit(executor, function));
    }

    /** The void form of {@link #runInExecutor(RemoteExecutor, RemoteCallable)}. */
    public Future<@Nullable Void> runInExecutor(@Nullable RemoteExecutor executor, RemoteCallable.Action action) {
        checkCurrent("runCoroutineThreadsafe(() -> await(loop.runInExecutor(…)))");
        return executor == null
                ? runInExecutor((Executor) null, Actions.callable(action))
                : adopt(Remote.submit(executor, action));
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
        Objects.requireNonNull(executor, "executor");
        if (executor instanceof RemoteExecutor) {
            throw new IllegalArgumentException("The default executor must run functions in this JVM: toThread's"
                    + " lambdas are not serializable. Pass the RemoteExecutor to runInExecutor instead");
        }
        if (defaultExecutor instanceof ThreadPool pool && pool != executor) {
            pool.retire();
        }
        defaultExecutor = executor;
    }

    private Executor defaultExecutor() {
        if (executorShutDown) {
            throw new IllegalStateException("The default executor has been shut down");
        }
        if (defaultExecutor == null) {
            defaultExecutor = new ThreadPool();
        }
        return defaultExecutor;
    }

    /**
     * Shuts the default executor down without blocking the loop: takes no more calls, lets the running ones finish,
     * interrupts them when {@code timeout} has passed, and logs a warning that names those which would not stop. Answers
     * to {@code loop.shutdown_default_executor(timeout)}.
     *
     * @return done when the executor has ended or was given up
     */
    public Future<@Nullable Void> shutdownDefaultExecutor(Duration timeout) {
        checkCurrent("runCoroutineThreadsafe(() -> await(loop.shutdownDefaultExecutor(…)))");
        Promise<@Nullable Void> down = createFuture();
        Executor executor = defaultExecutor;
        executorShutDown = true;
        if (executor == null) {
            down.setResult(null);
            return down;
        }
        defaultExecutor = null;
        Thread.ofPlatform().daemon().name("offloop-shutdown").start(() -> {
            try {
                ExecutorEnd.await(executor, timeout);
            } finally {
                post(() -> ((LoopPromise<@Nullable Void>) down).succeed(null));
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
            ErrorLog.error(new ErrorContext("Exception in the loop's exception handler", t, null, null));
        }
    }

    // ---- the inside, on the loop's side

    boolean isCurrent() {
        return CURRENT.get() == this;
    }

    void checkCurrent(String instead) {
        if (CURRENT.get() != this) {
            if (closed()) {
                throw new IllegalStateException("The event loop is closed");
            }
            throw new WrongThreadException("Only a task or a callback of this loop may call this, not "
                    + Stuck.name(Thread.currentThread()) + ". From there use " + instead);
        }
    }

    /** From any thread: runs an action of ours on the loop. False if the loop is closed. */
    boolean post(Runnable action) {
        return inbox.put(action);
    }

    void makeReady(Runnable step) {
        ready.add(step);
    }

    void makeUnready(Runnable step) {
        ready.removeLastOccurrence(step);
    }

    Timer timerAt(long when, Runnable action) {
        return timers.add(this, when, action);
    }

    void forget(Timer timer) {
        if (isCurrent()) {
            timers.remove(timer);
        } else {
            post(() -> timers.remove(timer));
        }
    }

    long now() {
        return System.nanoTime() - origin;
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

    PendingCalls pendingCalls() {
        return pendingCalls;
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
                : new StageAdapter<>(this, (CompletionStage<T>) stage);
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

    long switches() {
        return switches;
    }

    long wakeUps() {
        return inbox.wakeUps();
    }

    int timerCount() {
        return timers.size();
    }

    /** Parks the loop's thread until something unparks it. The flag of a stray interrupt would keep it from parking. */
    static void parkLoop(Object blocker) {
        LockSupport.park(blocker);
        boolean _ = Thread.interrupted();
    }

    // ---- running, on the loop's thread

    /** Takes turns until {@code end} holds. */
    void runUntil(BooleanSupplier end) {
        thread = Thread.currentThread();
        bindThread();
        Thread watch = engine == Engine.PORTABLE ? startPinWatch() : null;
        try {
            while (!end.getAsBoolean()) {
                try {
                    turn();
                } catch (Throwable t) { // an executor that cannot be asked whether it has ended, or no memory
                    report(new ErrorContext("Exception in the event loop itself", t, null, null));
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

    private Thread startPinWatch() {
        return Thread.ofPlatform().daemon().name("offloop-pin-watch").start(new PinWatch(this));
    }

    private void turn() {
        inbox.drainTo(ready);
        unretrieved.look();
        if (!timers.isEmpty() || pendingCalls.nextLook() != Long.MAX_VALUE) {
            fireTimers();
        }
        if (ready.isEmpty()) {
            sleep();
            return;
        }
        runOnce(ready.size());
    }

    private void runOnce(int count) {
        for (int left = count; left > 0 && !ready.isEmpty(); left--) {
            runNext();
        }
    }

    /** Whatever is thrown here is an error of ours or of the JVM (its memory may be full), and the loop must survive. */
    private void runNext() {
        try {
            ready.remove().run();
        } catch (Throwable t) {
            report(new ErrorContext("Exception in the event loop itself", t, null, null));
        }
    }

    private void fireTimers() {
        long now = now();
        pendingCalls.look(now);
        for (Timer due = timers.pollDue(now); due != null; due = timers.pollDue(now)) {
            ready.add(due);
        }
    }

    private void sleep() {
        long until = Math.min(timers.nextTime(), pendingCalls.nextLook());
        long nanos = until == Long.MAX_VALUE ? until : until - now();
        if (nanos > 0) {
            inbox.sleep(nanos);
            boolean _ = Thread.interrupted(); // as in parkLoop
        }
    }

    /**
     * Refuses all that may still come, runs what came before, once, and ends the tasks that are left: whoever waits for
     * one of them on another thread must not wait for ever. The last thing on the loop's side.
     */
    void close() {
        inbox.close(ready);
        runOnce(ready.size());
        for (LoopTask<?> task : tasks.toList()) {
            tasks.remove(task);
            task.endCancelled("The event loop was closed before the task had ended");
        }
        unretrieved.reportAll();
    }

    boolean closed() {
        return inbox.closed();
    }

    List<LoopTask<?>> unfinishedTasks() {
        return tasks.toList();
    }

    @Override
    public String toString() {
        return "EventLoop[" + engine + (closed() ? ", closed]" : "]");
    }
}
