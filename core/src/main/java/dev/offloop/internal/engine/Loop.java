package dev.offloop.internal.engine;

import dev.offloop.Coroutine;
import dev.offloop.Engine;
import dev.offloop.ErrorContext;
import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Handle;
import dev.offloop.LoopClock;
import dev.offloop.OffloadOptions;
import dev.offloop.OnCancel;
import dev.offloop.Promise;
import dev.offloop.RemoteCallable;
import dev.offloop.RemoteExecutor;
import dev.offloop.Task;
import dev.offloop.TimerHandle;
import dev.offloop.internal.monitor.AwaitTree;
import dev.offloop.internal.monitor.Watchdog;
import dev.offloop.internal.util.Durations;
import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.Errors;
import dev.offloop.internal.util.Json;
import dev.offloop.internal.util.Nanos;
import dev.offloop.internal.util.ThreadNames;
import dev.offloop.monitor.LoopStatistics;
import dev.offloop.spi.StepListener;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The event loop behind {@link EventLoop}.
 *
 * <p><b>Turns.</b> What can run now waits in a queue, timers wait for their time, and messages from other threads in an
 * {@link Inbox}. The {@link Scheduler} takes one after the other and sleeps when there is none.
 *
 * <p><b>Threads.</b> The loop of a {@code Runner} has a thread of its own while it runs: a platform thread with the
 * carried engine, a virtual one with the portable one. A loop with a {@link Host} takes its turns on the host's thread.
 * A task has a virtual thread, on a {@link Fiber}. Loop and tasks never run at the same moment; together they are
 * <i>the loop's side</i>, and everything but the inbox belongs to it without a lock. A thread-local says whether a
 * thread is on the loop's side; a thread that a task starts is not.
 *
 * <p><b>Work elsewhere.</b> The loop hands functions to {@link ExternalWork}, which the room {@code offload}
 * implements. Their results come back through the inbox, in one wake-up with all that came at the same time.
 *
 * <p><b>The end.</b> {@link Closing} cancels the tasks and ends the default executor, then {@link #close} refuses what
 * still comes. A loop whose host has shut down has no thread any more: the thread that finds that out is its
 * {@code closingThread} and ends what is left.
 *
 * <p>The class has more than 500 lines because it implements each method of the public interface; those delegate at
 * once.
 */
public final class Loop implements EventLoop {

    private static final ThreadLocal<@Nullable Loop> CURRENT = new ThreadLocal<>();

    /** How long another thread waits for the loop to describe its tasks. */
    private static final long DUMP_MILLIS = 200;

    private final Settings settings;
    private final @Nullable Host host;
    private final ExternalWork externalWork;
    private final Scheduler scheduler;
    private final TaskList tasks = new TaskList();
    private final Object afterwards = new Object();
    private final Unretrieved unretrieved = new Unretrieved(this);
    private final Endings endings = new Endings(this);
    private final LoopView view;
    private Watchdog.@Nullable Registration watch;
    private final PossibleDeadlocks possibleDeadlocks = new PossibleDeadlocks();

    private volatile @Nullable Thread thread;
    private volatile boolean closing;

    /** The only thread that may still touch a loop whose host has ended. */
    private volatile @Nullable Thread closingThread;

    private @Nullable LoopTask<?> runningTask;

    /** How many of its tasks wait for what another task may hold. On the loop's side. */
    public int lockWaits;

    private BiConsumer<? super EventLoop, ? super ErrorContext> exceptionHandler;

    /** For {@link StepWatch}, which only compares them. */
    private volatile @Nullable Fiber lastResumed;

    private long switches;

    /** A loop for a {@link dev.offloop.Runner}, or on a host. */
    public Loop(Settings settings, @Nullable Host host, ExternalWork.Factory externalWork) {
        this.settings = settings;
        this.host = host;
        this.externalWork = externalWork.create(this, settings.defaultExecutor());
        this.scheduler = new Scheduler(this, settings, host);
        this.exceptionHandler = settings.exceptionHandler();
        this.view = new LoopView(this, host);
    }

    /** Creates a loop on the single thread of a host. */
    public static Loop on(Executor executor, Settings settings, ExternalWork.Factory externalWork) {
        var host = new Host(Objects.requireNonNull(executor, "executor"));
        var loop = new Loop(settings, host, externalWork);
        host.start(loop);
        return loop;
    }

    // ---- which loop, which engine

    /** The loop on whose side the calling thread is, if it is on one's. */
    public static @Nullable Loop currentOrNull() {
        Loop loop = CURRENT.get();
        return loop != null && loop.isCurrent() ? loop : null;
    }

    /**
     * Returns the loop that runs the calling task or callback.
     *
     * @throws IllegalStateException outside of one
     */
    public static Loop current() {
        return (Loop) EventLoop.current();
    }

    @Override
    public boolean debug() {
        return settings.debug();
    }

    public String threadName() {
        return settings.threadName();
    }

    public Engine engineInUse() {
        return settings.engine();
    }

    /** Returns the engine of the loop on whose side the calling thread is or was; without one, that of a new loop. */
    public static Engine engineOfThread() {
        Loop loop = CURRENT.get();
        return loop == null ? EngineChoice.preferred() : loop.settings.engine();
    }

    // ---- callbacks and timers

    @Override
    public Handle callSoon(Runnable callback) {
        checkCurrent("callSoonThreadsafe(…)");
        var handle = new Callback(this, callback);
        scheduler.add(handle);
        return handle;
    }

    @Override
    public Handle callSoonThreadsafe(Runnable callback) {
        var handle = new Callback(this, callback);
        if (!post(handle)) {
            throw new IllegalStateException("The event loop is closed");
        }
        return handle;
    }

    @Override
    public TimerHandle callLater(Duration delay, Runnable callback) {
        checkCurrent("callSoonThreadsafe(() -> loop.callLater(…))");
        return scheduler.addTimer(after(delay), callback);
    }

    @Override
    public TimerHandle callAt(Duration when, Runnable callback) {
        checkCurrent("callSoonThreadsafe(() -> loop.callAt(…))");
        return scheduler.addTimer(Nanos.of(when), callback);
    }

    @Override
    public Duration time() {
        return Duration.ofNanos(now());
    }

    @Override
    public void execute(Runnable action) {
        if (isCurrent()) {
            action.run();
        } else if (!post(new Callback(this, action))) {
            throw new RejectedExecutionException("The event loop is closed");
        }
    }

    @Override
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

    // ---- futures and tasks

    @Override
    public <T extends @Nullable Object> Promise<T> createFuture() {
        return new LoopPromise<>(this);
    }

    @Override
    public <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine) {
        return spawn(null, coroutine);
    }

    @Override
    public <T extends @Nullable Object> Task<T> createTask(String name, Coroutine<T> coroutine) {
        return spawn(name, coroutine);
    }

    private <T extends @Nullable Object> LoopTask<T> spawn(@Nullable String name, Coroutine<? extends T> coroutine) {
        return spawn(name, coroutine, _ -> {});
    }

    /** Starts a task, after something was done with it that has to come before its first step. */
    public <T extends @Nullable Object> LoopTask<T> spawn(
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
            runningTask.startEagerly(task);
        } else {
            task.run();
            scheduler.runEagerly();
        }
    }

    /** Takes a task on and runs its first step on a later turn. */
    public void enlist(LoopTask<?> task) {
        tasks.add(task);
        scheduler.add(task);
    }

    /** Whether the loop takes no more coroutines, but still runs. */
    public boolean isClosing() {
        return closing && !closed();
    }

    /**
     * From any thread: runs what ends a future, on the loop; after its end on this thread, one at a time. Others may
     * still wait for that future.
     */
    public void postEnd(Runnable end) {
        if (!post(end)) {
            synchronized (afterwards) {
                end.run();
            }
        }
    }

    /** From any thread: takes a task on, and does something else with it. */
    public void enlistFromOutside(LoopTask<?> task, Runnable also) {
        boolean taken = !closing
                && post(() -> {
                    enlist(task);
                    also.run();
                });
        if (!taken) {
            throw new IllegalStateException("The event loop is closed");
        }
    }

    @Override
    public <T extends @Nullable Object> CompletableFuture<T> runCoroutineThreadsafe(Coroutine<T> coroutine) {
        var task = new LoopTask<T>(this, null, coroutine);
        CompletableFuture<T> mirror = task.toCompletableFuture();
        enlistFromOutside(task, () -> {});
        return mirror;
    }

    @Override
    public Set<Task<?>> allTasks() {
        checkCurrent("runCoroutineThreadsafe(loop::allTasks)");
        return tasks.toSet();
    }

    @Override
    public String dumpTasks() {
        return awaitTree().text();
    }

    @Override
    public String dumpTasksAsJson() {
        return Json.of(awaitTree().json());
    }

    /** From any thread: who waits for whom. Another thread also asks other processes where their functions are. */
    AwaitTree awaitTree() {
        if (isCurrent()) {
            return TaskTree.of(tasks);
        }
        var tree = new CompletableFuture<AwaitTree>();
        if (post(() -> tree.complete(TaskTree.of(tasks)))) {
            try {
                return tree.get(DUMP_MILLIS, TimeUnit.MILLISECONDS).withRemoteFrames();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException blocked) {
                // it is read from here
            }
        }
        return view.treeFromHere().withRemoteFrames();
    }

    @Override
    public LoopStatistics statistics() {
        return view.statistics();
    }

    @Override
    public void addStepListener(StepListener listener) {
        checkCurrent("callSoonThreadsafe(() -> loop.addStepListener(…))");
        scheduler.addStepListener(Objects.requireNonNull(listener, "listener"));
    }

    @Override
    public void removeStepListener(StepListener listener) {
        checkCurrent("callSoonThreadsafe(() -> loop.removeStepListener(…))");
        scheduler.removeStepListener(listener);
    }

    // ---- executors

    @Override
    public <T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable Executor executor, OffloadOptions options, Callable<T> function) {
        checkCurrent("runCoroutineThreadsafe(() -> await(loop.runInExecutor(…)))");
        return externalWork.run(executor, options, function);
    }

    @Override
    public <T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable RemoteExecutor executor, OffloadOptions options, RemoteCallable<T> function) {
        return runInExecutor((Executor) executor, options, (Callable<T>) function);
    }

    /** Replaces the default executor by one that was checked. */
    public void replaceDefaultExecutor(Executor executor) {
        checkCurrent("callSoonThreadsafe(() -> loop.setDefaultExecutor(…))");
        externalWork.setDefaultExecutor(executor);
    }

    @Override
    public Future<@Nullable Void> shutdownDefaultExecutor(Duration timeout) {
        checkCurrent("runCoroutineThreadsafe(() -> await(loop.shutdownDefaultExecutor(…)))");
        return externalWork.shutdownDefaultExecutor(timeout);
    }

    @Override
    public void setExceptionHandler(BiConsumer<? super EventLoop, ? super ErrorContext> handler) {
        checkCurrent("callSoonThreadsafe(() -> loop.setExceptionHandler(…))");
        exceptionHandler = Objects.requireNonNull(handler, "handler");
    }

    public void report(ErrorContext context) {
        try {
            exceptionHandler.accept(this, context);
        } catch (Throwable t) { // the report must not be lost, and the loop must go on
            ErrorLog.error(context);
            ErrorLog.error(Errors.of("Exception in the loop's exception handler", t));
        }
    }

    /** Nothing that is known can wake the loop, and yet there are tasks. */
    void standsStill(Duration since) {
        List<LoopTask<?>> left = tasks.toList();
        if (!left.isEmpty()) {
            report(Errors.of(
                    "The event loop stands still: nothing has run for " + Durations.inWords(since)
                            + ", there is no timer and nothing offloaded, and these tasks wait:\n" + TaskDump.of(left),
                    null));
        }
    }

    // ---- the inside, on the loop's side

    public boolean isCurrent() {
        return CURRENT.get() == this && (host == null || isHostsOrTasksThread());
    }

    /** A host may have left its former threads behind, which still have this loop in their thread-local. */
    private boolean isHostsOrTasksThread() {
        Thread me = Thread.currentThread();
        Thread closingThread = this.closingThread;
        if (closingThread != null) {
            return me == closingThread;
        }
        return me == thread || (runningTask != null && me.isVirtual());
    }

    public void checkCurrent(String instead) {
        if (!isCurrent()) {
            if (closed()) {
                throw new IllegalStateException("The event loop is closed");
            }
            throw new WrongThreadException("Only a task or a callback of this loop may call this, not "
                    + ThreadNames.name(Thread.currentThread()) + ". From there use " + instead);
        }
    }

    /** From any thread: runs an action of ours on the loop. False if the loop is closed. */
    public boolean post(Runnable action) {
        return scheduler.post(action);
    }

    Scheduler scheduler() {
        return scheduler;
    }

    public LoopClock clock() {
        return settings.clock();
    }

    public Timer timerAt(long when, Runnable action) {
        return scheduler.addTimer(when, action);
    }

    void forget(Timer timer) {
        if (isCurrent()) {
            scheduler.remove(timer);
        } else {
            post(() -> scheduler.remove(timer));
        }
    }

    public long now() {
        return scheduler.now();
    }

    /** The time after a delay, which may be as long as it likes. */
    public long after(Duration delay) {
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

    PossibleDeadlocks possibleDeadlocks() {
        return possibleDeadlocks;
    }

    public ExternalWork externalWork() {
        return externalWork;
    }

    /** On a host, asks it for a turn after a time. */
    public void wakeHostIn(long nanos) {
        if (host != null) {
            host.wakeAt(nanos);
        }
    }

    @Nullable
    public LoopTask<?> runningTask() {
        return runningTask;
    }

    /** The task that creates another one on the calling thread; null if none does. */
    @Nullable
    LoopTask<?> creator() {
        return isCurrent() ? runningTask : null;
    }

    @Nullable
    LoopTask<?> enter(@Nullable LoopTask<?> task) {
        LoopTask<?> before = runningTask;
        runningTask = task;
        return before;
    }

    /** A future of this loop for any stage. */
    @SuppressWarnings("unchecked") // a LoopFuture that is a CompletionStage<T> is a LoopFuture<T>
    public <T extends @Nullable Object> LoopFuture<T> adopt(CompletionStage<? extends T> stage) {
        Objects.requireNonNull(stage, "There is no future to wait for: it is null");
        return stage instanceof LoopFuture<?> future && future.loop == this
                ? (LoopFuture<T>) future
                : new StageAdapter<>(this, (CompletionStage<T>) stage, OnCancel.INTERRUPT, "a foreign stage");
    }

    /** Says that the calling thread is on this loop's side. */
    void bindThread() {
        CURRENT.set(this);
    }

    @Nullable
    public Thread thread() {
        return thread;
    }

    /**
     * From any thread: the thread that is in the step that runs, a task's or the loop's own; null if none runs the
     * loop.
     */
    public @Nullable Thread stepThread() {
        LoopTask<?> running = runningTask;
        return running == null ? thread : running.thread();
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

    public long wakeUps() {
        return scheduler.wakeUps();
    }

    public int timerCount() {
        return scheduler.timerCount();
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
    public void runUntil(BooleanSupplier end) {
        thread = Thread.currentThread();
        bindThread();
        Thread stepWatch = settings.engine() == Engine.PORTABLE ? startStepWatch() : null;
        beginWatch();
        boolean _ = scheduler.meter().busy();
        try {
            while (!end.getAsBoolean()) {
                try {
                    if (!scheduler.take()) {
                        scheduler.rest();
                    }
                } catch (Throwable t) { // an executor that cannot be asked whether it has ended, or no memory
                    report(Errors.of("Exception in the event loop itself", t));
                }
            }
        } finally {
            scheduler.meter().idle();
            endWatch();
            if (stepWatch != null) {
                stepWatch.interrupt();
            }
            CURRENT.remove();
            thread = null;
        }
    }

    /** On the thread that runs the loop from now on. */
    private void beginWatch() {
        if (settings.slowStepThreshold().isPositive()) {
            view.runsHere();
            if (watch == null) {
                watch = Watchdog.watch(view, settings.slowStepThreshold(), settings.slowStepListener());
            }
        }
    }

    private void endWatch() {
        if (watch != null) {
            watch.end();
            watch = null;
        }
    }

    private Thread startStepWatch() {
        return Thread.ofPlatform().daemon().name("offloop-step-watch").start(new StepWatch(this));
    }

    /** One turn as a guest, on the host's thread. */
    void takeTurn(Host host) {
        boolean outermost = scheduler.meter().busy();
        try {
            scheduler.take();
        } catch (Throwable t) { // as in runUntil
            report(Errors.of("Exception in the event loop itself", t));
        }
        if (outermost) {
            scheduler.meter().idle();
        }
        if (closed()) {
            endWatch();
            CURRENT.remove();
        } else if (!scheduler.tryIdle(host)) {
            host.wake();
        }
    }

    /** Makes the host's thread a part of the loop's side. */
    void settleOn(Thread thread) {
        Loop other = CURRENT.get();
        if (other != null && other != this && !other.closed()) {
            throw new IllegalStateException(
                    ThreadNames.name(thread) + " belongs to another event loop already: " + other);
        }
        if (thread.isVirtual() && settings.engine() == Engine.CARRIED) {
            throw new IllegalStateException("The carried engine needs a platform thread, not "
                    + ThreadNames.name(thread) + "; -Doffloop.engine=portable can do with a virtual one");
        }
        boolean moved = this.thread != thread;
        this.thread = thread;
        bindThread();
        if (moved) {
            beginWatch();
        }
    }

    /** On a host, which runs a turn inside of a step. */
    void nested() {
        scheduler.nested();
    }

    /** Takes no more coroutines from other threads, who could hand them in faster than they can be cancelled. */
    void beginToClose() {
        closing = true;
    }

    @Override
    public CompletableFuture<@Nullable Void> shutdown() {
        if (host == null) {
            throw new IllegalStateException("This loop belongs to a Runner: close() that one");
        }
        return host.shutdown(Closing.TIMEOUT);
    }

    /**
     * Refuses all that may still come, runs what came before, once, and ends the tasks that are left: a thread that
     * waits for one of them must not wait without limit. The last thing on the loop's side.
     */
    void close() {
        scheduler.close();
        endTasks();
        externalWork.close();
        unretrieved.reportAll();
    }

    private void endTasks() {
        for (LoopTask<?> task : tasks.toList()) {
            String place = TaskDump.of(List.of(task));
            tasks.remove(task);
            report(task.errorContext(
                    "A task was still pending when its event loop closed: "
                            + (closingThread == null
                                    ? "it did not end when it was cancelled; "
                                    : "its host executor had shut down; ")
                            + place,
                    null));
            task.endCancelled("The event loop was closed before the task had ended");
        }
    }

    /** Ends a loop that has no thread any more. */
    void abandon(Throwable why) {
        closing = true;
        closingThread = Thread.currentThread();
        Loop before = CURRENT.get();
        bindThread(); // listeners may call what belongs to the loop's side
        try {
            closeWithoutHost(why);
        } finally {
            if (before == null || before == this) {
                CURRENT.remove();
            } else {
                CURRENT.set(before);
            }
        }
    }

    private void closeWithoutHost(Throwable why) {
        scheduler.abandon();
        endWatch();
        ErrorLog.error(Errors.of("The host of an event loop does not run it any more: the loop has ended", why));
        endTasks();
        externalWork.abandonDefaultExecutor();
        externalWork.close();
        unretrieved.reportAll();
    }

    public boolean closed() {
        return scheduler.closed();
    }

    public List<LoopTask<?>> unfinishedTasks() {
        return tasks.toList();
    }

    @Override
    public String toString() {
        return "EventLoop[" + settings.engine() + (closed() ? ", closed]" : "]");
    }
}
