package dev.offloop;

import dev.offloop.internal.engine.EngineChoice;
import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.Settings;
import dev.offloop.internal.engine.VoidForms;
import dev.offloop.internal.offload.OffloadedWork;
import dev.offloop.internal.util.ThreadNames;
import dev.offloop.spi.StepListener;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks and callbacks one at a time, in the order in which they became ready, and sleeps when none is.
 *
 * <p>The loop of a {@link Runner} has a thread of its own while it runs. A loop made by {@link #on} takes its turns on the thread of
 * another event loop, such as that of Swing or Netty. A task has a virtual thread; loop and tasks never run at the same moment and
 * together are <i>the loop's side</i>.
 *
 * <ul>
 *   <li>{@link #callSoonThreadsafe}, {@link #runCoroutineThreadsafe}, {@link #execute}, {@link #time} and {@link
 *       #shutdown} may be called from any thread; every other method only on the loop's side, and says so with a {@link
 *       WrongThreadException} elsewhere.
 *   <li>Times are on the loop's own clock, {@link #time()}, which never jumps.
 *   <li>What a callback throws goes to the exception handler; the loop goes on.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.AbstractEventLoop}.
 */
public sealed interface EventLoop extends Executor permits Loop {
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
    static EventLoop on(Executor executor) {
        return Loop.on(executor, Settings.of(EngineChoice.preferred()), OffloadedWork::new);
    }

    // ---- which loop, which engine

    /**
     * The loop that runs the calling task or callback. Counterpart of {@code asyncio.get_running_loop()}.
     *
     * @throws IllegalStateException outside of one
     */
    static EventLoop current() {
        EventLoop loop = Loop.currentOrNull();
        if (loop == null) {
            throw new IllegalStateException("No event loop runs on "
                    + ThreadNames.name(Thread.currentThread())
                    + (Offload.isRunning()
                            ? ", which runs an offloaded function. Offload.call(() -> …) runs a coroutine on the loop and"
                                    + " waits for it"
                            : ". Call this from a task or a callback, inside Async.run(…); from another thread use"
                                    + " loop.callSoonThreadsafe(…) or loop.runCoroutineThreadsafe(…)"));
        }
        return loop;
    }

    /** Whether {@link #current} has one to return. */
    static boolean isOnLoop() {
        return Loop.currentOrNull() != null;
    }

    /** The engine of the current loop; outside of one, the engine that a new loop would use. */
    static Engine engine() {
        return Loop.engineOfThread();
    }

    /** Whether the loop is in {@linkplain Runner.Builder#debug debug mode}. */
    boolean debug();

    // ---- callbacks and timers

    /** Calls {@code callback} on the next turn of the loop. */
    Handle callSoon(Runnable callback);

    /**
     * Calls {@code callback} on the loop soon. From any thread; wakes the loop if it sleeps.
     *
     * @throws IllegalStateException if the loop is closed
     */
    Handle callSoonThreadsafe(Runnable callback);

    /** Calls {@code callback} when {@code delay} has passed; a negative one counts as zero. */
    TimerHandle callLater(Duration delay, Runnable callback);

    /** Calls {@code callback} at {@code when} on the clock of {@link #time()}. */
    TimerHandle callAt(Duration when, Runnable callback);

    /**
     * The time on the loop's clock: how long ago the loop was made. Durations on it can be added and compared; it has
     * nothing to do with the time of day.
     */
    Duration time();

    /** Calls {@code action} on the loop: at once if this is the loop's side, else as {@link #callSoonThreadsafe} does. */
    @Override
    void execute(Runnable action);

    /**
     * Calls a function on the loop's own thread, on a later turn, and returns the future of its result: for code that looks
     * at {@code Thread.currentThread()}, such as that of a host. A task runs on a virtual thread of its own.
     */
    <T extends @Nullable Object> Future<T> callOnOwnThread(Callable<T> function);

    /** The void form of {@link #callOnOwnThread(Callable)}. */
    default Future<@Nullable Void> callOnOwnThread(Coroutine.Action action) {
        return callOnOwnThread(VoidForms.callable(action));
    }

    // ---- futures and tasks

    /** A new future to be completed by hand. Counterpart of {@code loop.create_future()}. */
    <T extends @Nullable Object> Promise<T> createFuture();

    /** Starts a task; its body begins on a later turn. Counterpart of {@code loop.create_task(coro)}. */
    <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine);

    /** The void form of {@link #createTask(Coroutine)}. */
    default Task<@Nullable Void> createTask(Coroutine.Action coroutine) {
        return createTask(VoidForms.coroutine(coroutine));
    }

    /** Starts a task with a name. */
    <T extends @Nullable Object> Task<T> createTask(String name, Coroutine<T> coroutine);

    /** The void form of {@link #createTask(String, Coroutine)}. */
    default Task<@Nullable Void> createTask(String name, Coroutine.Action coroutine) {
        return createTask(name, VoidForms.coroutine(coroutine));
    }

    /**
     * Runs a coroutine on the loop from another thread, and gives that thread a future to block on or to cancel. Answers
     * to {@code asyncio.run_coroutine_threadsafe}.
     *
     * @throws IllegalStateException if the loop is closed
     */
    <T extends @Nullable Object> CompletableFuture<T> runCoroutineThreadsafe(Coroutine<T> coroutine);

    /** The void form of {@link #runCoroutineThreadsafe(Coroutine)}. */
    default CompletableFuture<@Nullable Void> runCoroutineThreadsafe(Coroutine.Action coroutine) {
        return runCoroutineThreadsafe(VoidForms.coroutine(coroutine));
    }

    /** The tasks that have not ended, in the order of their creation. Counterpart of {@code asyncio.all_tasks()}. */
    Set<Task<?>> allTasks();

    /**
     * Where each task that has not ended waits, a line for each: for logs and debuggers. Counterpart of {@code
     * asyncio.print_call_graph} and {@code python -m asyncio ps}.
     */
    String dumpTasks();

    /** Lets a tool see every step, from the next on. */
    void addStepListener(StepListener listener);

    /** Ends what {@link #addStepListener} has begun. */
    void removeStepListener(StepListener listener);

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
     * <p>Counterpart of {@code loop.run_in_executor}.
     *
     * @param executor where to run it; null for the default executor
     */
    default <T extends @Nullable Object> Future<T> runInExecutor(@Nullable Executor executor, Callable<T> function) {
        return runInExecutor(executor, OnCancel.INTERRUPT, function);
    }

    /** The void form of {@link #runInExecutor(Executor, Callable)}. */
    default Future<@Nullable Void> runInExecutor(@Nullable Executor executor, Coroutine.Action action) {
        return runInExecutor(executor, VoidForms.callable(action));
    }

    /** {@link #runInExecutor(Executor, Callable)}, with a say in what a cancellation does and a listener to progress. */
    <T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable Executor executor, OffloadOptions options, Callable<T> function);

    /** The void form of {@link #runInExecutor(Executor, OffloadOptions, Callable)}. */
    default Future<@Nullable Void> runInExecutor(
            @Nullable Executor executor, OffloadOptions options, Coroutine.Action action) {
        return runInExecutor(executor, options, VoidForms.callable(action));
    }

    /**
     * Runs a function outside this JVM and returns the future of its result. A lambda written here is serializable.
     *
     * <p>As {@link #runInExecutor(Executor, Callable)}, and: what cannot be serialized fails the future; cancelling the
     * future stops the function.
     *
     * @param executor where to run it; null for the default executor, which is in this JVM
     */
    default <T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable RemoteExecutor executor, RemoteCallable<T> function) {
        return runInExecutor(executor, OnCancel.INTERRUPT, function);
    }

    /** The void form of {@link #runInExecutor(RemoteExecutor, RemoteCallable)}. */
    default Future<@Nullable Void> runInExecutor(@Nullable RemoteExecutor executor, RemoteCallable.Action action) {
        return runInExecutor(executor, OnCancel.INTERRUPT, action);
    }

    /** {@link #runInExecutor(RemoteExecutor, RemoteCallable)}, with a say in what a cancellation does and a listener to progress. */
    <T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable RemoteExecutor executor, OffloadOptions options, RemoteCallable<T> function);

    /** The void form of {@link #runInExecutor(RemoteExecutor, OffloadOptions, RemoteCallable)}. */
    default Future<@Nullable Void> runInExecutor(
            @Nullable RemoteExecutor executor, OffloadOptions options, RemoteCallable.Action action) {
        return runInExecutor(executor, options, RemoteCallable.of(action));
    }

    /** Runs a function of one argument on an executor: {@code runInExecutor(pool, Files::readString, path)}. */
    default <A extends @Nullable Object, T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable Executor executor, CheckedFunction<? super A, T> function, A argument) {
        return runInExecutor(executor, () -> function.apply(argument));
    }

    /** Runs a function of two arguments on an executor. */
    default <A extends @Nullable Object, B extends @Nullable Object, T extends @Nullable Object>
            Future<T> runInExecutor(
                    @Nullable Executor executor,
                    CheckedBiFunction<? super A, ? super B, T> function,
                    A first,
                    B second) {
        return runInExecutor(executor, () -> function.apply(first, second));
    }

    /** Runs a function of three arguments on an executor. */
    default <
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
    default <A extends @Nullable Object, T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable RemoteExecutor executor, RemoteFunction<? super A, T> function, A argument) {
        return runInExecutor(executor, (RemoteCallable<T>) () -> function.apply(argument));
    }

    /** Runs a function of two arguments outside this JVM. */
    default <A extends @Nullable Object, B extends @Nullable Object, T extends @Nullable Object>
            Future<T> runInExecutor(
                    @Nullable RemoteExecutor executor,
                    RemoteBiFunction<? super A, ? super B, T> function,
                    A first,
                    B second) {
        return runInExecutor(executor, (RemoteCallable<T>) () -> function.apply(first, second));
    }

    /** Runs a function of three arguments outside this JVM. */
    default <
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
    default void setDefaultExecutor(Executor executor) {
        ((Loop) this).replaceDefaultExecutor(DefaultExecutors.checked(executor));
    }

    /**
     * Shuts the default executor down without blocking the loop: takes no more calls, lets the running ones finish,
     * interrupts them when {@code timeout} has passed, and logs a warning that names those which would not stop. While the loop
     * closes and has no tasks any more, functions that only wait in {@code dev.offloop.sync} are interrupted before that, as
     * soon as no other function runs: nothing of the loop can wake them. Counterpart of {@code loop.shutdown_default_executor(timeout)}.
     *
     * @return done when the executor has ended or was given up
     */
    Future<@Nullable Void> shutdownDefaultExecutor(Duration timeout);

    /** Replaces what is told of errors that nobody awaits. The default one logs them to the logger {@code dev.offloop}. */
    void setExceptionHandler(BiConsumer<? super EventLoop, ? super ErrorContext> handler);

    // ---- the end

    /**
     * Ends a loop that was made by {@link #on}: cancels its tasks and waits for them, then shuts its default executor down,
     * each within 10 seconds. From any thread; does not block, since its caller may be the host's own thread.
     *
     * @return done when the loop has ended
     * @throws IllegalStateException on a loop that a {@link Runner} has made, which its {@code close()} ends
     */
    CompletableFuture<@Nullable Void> shutdown();
}
