package dev.offloop;

import dev.offloop.internal.engine.BoundFunction;
import dev.offloop.internal.engine.EngineChoice;
import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.Settings;
import dev.offloop.internal.engine.VoidForms;
import dev.offloop.internal.offload.OffloadedWork;
import dev.offloop.internal.util.ThreadNames;
import dev.offloop.monitor.LoopStatistics;
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
 * <p>The loop of a {@link Runner} has a thread of its own while it runs. A loop made by {@link #on} takes its turns on
 * the thread of another event loop, such as that of Swing or Netty. A task has a virtual thread; loop and tasks never
 * run at the same moment and together are <i>the loop's side</i>.
 *
 * <ul>
 *   <li>{@link #callSoonThreadsafe}, {@link #runCoroutineThreadsafe}, {@link #execute}, {@link #time},
 *       {@link #dumpTasks}, {@link #statistics} and {@link #shutdown} may be called from any thread; every other method
 *       only on the loop's side; elsewhere it throws {@link WrongThreadException}.
 *   <li>Times are on the loop's own clock, {@link #time()}, which never jumps.
 *   <li>What a callback throws goes to the exception handler; the loop goes on.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.AbstractEventLoop}.
 */
public sealed interface EventLoop extends Executor permits Loop {

    // The file has more than 500 lines because of its Javadoc; the methods are short, and users look for them here.

    /**
     * Creates a loop that takes its turns on the single thread of a host:
     * {@code EventLoop.on(SwingUtilities::invokeLater)}, {@code on(Platform::runLater)}, {@code on(nettyEventLoop)}.
     *
     * <ul>
     *   <li>Tasks run while that thread stands in one of the loop's turns, so they never run at the same moment as the
     *       host's own listeners. Between two turns the host has its thread for itself.
     *   <li>From its first turn on the host's thread belongs to the loop's side: a listener may call
     *       {@code Async.createTask(…)}.
     *   <li>A task has a virtual thread all the same, so code that compares {@code Thread.currentThread()} with the
     *       host's finds another. {@link #callOnOwnThread} runs such code on the host's thread. A task that blocks, or
     *       waits for the host without an {@code await}, blocks the host.
     *   <li>{@link #shutdown} ends the loop. When the host refuses a turn, the loop ends at once: its tasks are
     *       cancelled without being run again, and their {@code finally} blocks with them. So shut the loop down first,
     *       then its host.
     * </ul>
     *
     * <p>{@link Runner.Builder#on} does the same with options.
     *
     * @param executor runs what it is given one after another on one platform thread; it must not run it inside
     *     {@code execute}
     * @return the loop
     */
    static EventLoop on(Executor executor) {
        return Loop.on(executor, Settings.of(EngineChoice.preferred()), OffloadedWork::new);
    }

    // ---- which loop, which engine

    /**
     * Returns the loop that runs the calling task or callback. Counterpart of {@code asyncio.get_running_loop()}.
     *
     * @return the current loop
     * @throws IllegalStateException outside of a task or callback
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

    /**
     * Returns whether the caller is on the loop's side, so that {@link #current} returns a loop.
     *
     * @return true on the loop's side
     */
    static boolean isOnLoop() {
        return Loop.currentOrNull() != null;
    }

    /**
     * Returns the engine of the current loop; outside of one, the engine that a new loop would use.
     *
     * @return the engine
     */
    static Engine engine() {
        return Loop.engineOfThread();
    }

    /**
     * Returns whether the loop is in {@linkplain Runner.Builder#debug debug mode}.
     *
     * @return true in debug mode
     */
    boolean debug();

    // ---- callbacks and timers

    /**
     * Calls {@code callback} on the next turn of the loop.
     *
     * @param callback the callback
     * @return a handle that cancels the callback
     */
    Handle callSoon(Runnable callback);

    /**
     * Calls {@code callback} on the loop soon. May be called from any thread; wakes up the loop if it sleeps.
     *
     * @param callback the callback
     * @return a handle that cancels the callback
     * @throws IllegalStateException if the loop is closed
     */
    Handle callSoonThreadsafe(Runnable callback);

    /**
     * Calls {@code callback} when {@code delay} has passed; a negative one counts as zero.
     *
     * @param delay the time to wait; zero or less counts as zero
     * @param callback the callback
     * @return a handle that cancels the callback
     */
    TimerHandle callLater(Duration delay, Runnable callback);

    /**
     * Calls {@code callback} at {@code when} on the clock of {@link #time()}.
     *
     * @param when the time on the clock of {@link #time()}
     * @param callback the callback
     * @return a handle that cancels the callback
     */
    TimerHandle callAt(Duration when, Runnable callback);

    /**
     * Returns the time on the loop's clock, counted from the creation of the loop. It is not related to the time of
     * day.
     *
     * @return the time since the loop was created
     */
    Duration time();

    /**
     * Calls {@code action} on the loop: at once if this is the loop's side, else as {@link #callSoonThreadsafe} does.
     */
    @Override
    void execute(Runnable action);

    /**
     * Calls a function on the loop's own thread, on a later turn, and returns the future of its result: for code that
     * depends on {@code Thread.currentThread()}, such as that of a host. A task runs on a virtual thread of its own.
     *
     * @param function the function to run
     * @param <T> the type of the result
     * @return the future of the result
     */
    <T extends @Nullable Object> Future<T> callOnOwnThread(Callable<T> function);

    /**
     * Behaves as {@link #callOnOwnThread(Callable)}, for a body that returns nothing.
     *
     * @param action the function to run
     * @return the future of the result
     */
    default Future<@Nullable Void> callOnOwnThread(Coroutine.Action action) {
        return callOnOwnThread(VoidForms.callable(action));
    }

    // ---- futures and tasks

    /**
     * Creates a future that the caller completes. Counterpart of {@code loop.create_future()}.
     *
     * @param <T> the type of the result
     * @return the new future
     */
    <T extends @Nullable Object> Promise<T> createFuture();

    /**
     * Starts a task; its body begins on a later turn. Counterpart of {@code loop.create_task(coro)}.
     *
     * @param coroutine the body of the task
     * @param <T> the type of the result
     * @return the task
     */
    <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine);

    /**
     * Behaves as {@link #createTask(Coroutine)}, for a body that returns nothing.
     *
     * @param coroutine the body of the task
     * @return the task
     */
    default Task<@Nullable Void> createTask(Coroutine.Action coroutine) {
        return createTask(VoidForms.coroutine(coroutine));
    }

    /**
     * Starts a task with a name.
     *
     * @param name the name
     * @param coroutine the body of the task
     * @param <T> the type of the result
     * @return the task
     */
    <T extends @Nullable Object> Task<T> createTask(String name, Coroutine<T> coroutine);

    /**
     * Behaves as {@link #createTask(String, Coroutine)}, for a body that returns nothing.
     *
     * @param name the name
     * @param coroutine the body of the task
     * @return the task
     */
    default Task<@Nullable Void> createTask(String name, Coroutine.Action coroutine) {
        return createTask(name, VoidForms.coroutine(coroutine));
    }

    /**
     * Runs a coroutine on the loop from another thread, and returns a future to block on or to cancel. Counterpart of
     * {@code asyncio.run_coroutine_threadsafe}.
     *
     * @param coroutine the body of the task
     * @param <T> the type of the result
     * @return the future of the result, to block on or to cancel
     * @throws IllegalStateException if the loop is closed
     */
    <T extends @Nullable Object> CompletableFuture<T> runCoroutineThreadsafe(Coroutine<T> coroutine);

    /**
     * Behaves as {@link #runCoroutineThreadsafe(Coroutine)}, for a body that returns nothing.
     *
     * @param coroutine the body of the task
     * @return the future of the result, to block on or to cancel
     */
    default CompletableFuture<@Nullable Void> runCoroutineThreadsafe(Coroutine.Action coroutine) {
        return runCoroutineThreadsafe(VoidForms.coroutine(coroutine));
    }

    /**
     * Returns the tasks that have not ended, in the order of their creation. Counterpart of
     * {@code asyncio.all_tasks()}.
     *
     * @return a snapshot of the tasks
     */
    Set<Task<?>> allTasks();

    /**
     * Describes who waits for whom, for logs and debuggers: each task that has not ended with its state, the line where
     * it stands and the task that created it; below it, indented, what it awaits, down to a function on another thread
     * or in a worker process, with the line where that is.
     *
     * <ul>
     *   <li>May be called from any thread. Another thread than the loop's waits for the loop, for 200 ms at most, and
     *       for worker processes, for 300 ms. On the loop worker processes are not asked.
     *   <li>A loop that is blocked, or does not run, is described as it stands: what another thread reads of it may be
     *       a moment old.
     *   <li>Tasks that wait for each other in a circle are marked.
     *   <li>Of more than 1,000 tasks the first 1,000 are described and the others counted.
     * </ul>
     *
     * <p>Counterpart of {@code asyncio.print_call_graph} and {@code python -m asyncio pstree}.
     *
     * @return lines, at least one per task; empty if there is none
     */
    String dumpTasks();

    /**
     * Returns what {@link #dumpTasks} describes as JSON: an array of objects with {@code name}, {@code state},
     * {@code frames} (innermost first), {@code creator} where there is one, and {@code awaits}, an array of the same.
     * Guarantees as there.
     *
     * @return the text
     */
    String dumpTasksAsJson();

    /**
     * Returns what the loop does and has done: its lag, how busy it is, its steps, tasks, timers and executors. May be
     * called from any thread, also while the loop is blocked, and does not stop it.
     *
     * @return the statistics of this moment
     */
    LoopStatistics statistics();

    /**
     * Adds a listener that observes every step, starting with the next one.
     *
     * @param listener the listener
     */
    void addStepListener(StepListener listener);

    /**
     * Removes a listener that was added by {@link #addStepListener}.
     *
     * @param listener the listener
     */
    void removeStepListener(StepListener listener);

    // ---- executors

    /**
     * Runs a function on an executor and returns the future of its result.
     *
     * <ul>
     *   <li>An exception of the function is thrown, the same object, where the future is awaited. An executor that
     *       refuses the function fails the future with its {@link RejectedExecutionException}.
     *   <li>Cancelling the future before the function has started means that it never runs; later, that its thread is
     *       interrupted and its result dropped, unless {@link OnCancel} says otherwise.
     *   <li>The function sees a copy of the caller's {@linkplain ContextVar context}.
     *   <li>An {@link ExecutorService} that is shut down with the function still in its queue fails the future.
     * </ul>
     *
     * <p>Counterpart of {@code loop.run_in_executor}.
     *
     * @param executor where to run it; null for the default executor
     * @param function the function to run
     * @param <T> the type of the result
     * @return the future of the result
     */
    default <T extends @Nullable Object> Future<T> runInExecutor(@Nullable Executor executor, Callable<T> function) {
        return runInExecutor(executor, OnCancel.INTERRUPT, function);
    }

    /**
     * Behaves as {@link #runInExecutor(Executor, Callable)}, for a body that returns nothing.
     *
     * @param executor the executor; null for the default executor
     * @param action the function to run
     * @return the future of the result
     */
    default Future<@Nullable Void> runInExecutor(@Nullable Executor executor, Coroutine.Action action) {
        return runInExecutor(executor, VoidForms.callable(action));
    }

    /**
     * Behaves as {@link #runInExecutor(Executor, Callable)}, with options for cancellation and progress.
     *
     * @param executor the executor; null for the default executor
     * @param options what a cancellation does, and the listener to progress
     * @param function the function to run
     * @param <T> the type of the result
     * @return the future of the result
     */
    <T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable Executor executor, OffloadOptions options, Callable<T> function);

    /**
     * Behaves as {@link #runInExecutor(Executor, OffloadOptions, Callable)}, for a body that returns nothing.
     *
     * @param executor the executor; null for the default executor
     * @param options what a cancellation does, and the listener to progress
     * @param action the function to run
     * @return the future of the result
     */
    default Future<@Nullable Void> runInExecutor(
            @Nullable Executor executor, OffloadOptions options, Coroutine.Action action) {
        return runInExecutor(executor, options, VoidForms.callable(action));
    }

    /**
     * Runs a function outside this JVM and returns the future of its result. A lambda written here is serializable.
     *
     * <p>As {@link #runInExecutor(Executor, Callable)}, and: what cannot be serialized fails the future; cancelling the
     * future cancels the function.
     *
     * @param executor where to run it; null for the default executor, which is in this JVM
     * @param function the function to run
     * @param <T> the type of the result
     * @return the future of the result
     */
    default <T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable RemoteExecutor executor, RemoteCallable<T> function) {
        return runInExecutor(executor, OnCancel.INTERRUPT, function);
    }

    /**
     * Behaves as {@link #runInExecutor(RemoteExecutor, RemoteCallable)}, for a body that returns nothing.
     *
     * @param executor the executor; null for the default executor
     * @param action the function to run
     * @return the future of the result
     */
    default Future<@Nullable Void> runInExecutor(@Nullable RemoteExecutor executor, RemoteCallable.Action action) {
        return runInExecutor(executor, OnCancel.INTERRUPT, action);
    }

    /**
     * Behaves as {@link #runInExecutor(RemoteExecutor, RemoteCallable)}, with options for cancellation and progress.
     * What an executor has beyond that, such as a timeout for a call, its own methods take: await
     * {@code processPool.submit(callOptions, function)}.
     *
     * @param executor the executor; null for the default executor
     * @param options what a cancellation does, and the listener to progress
     * @param function the function to run
     * @param <T> the type of the result
     * @return the future of the result
     */
    <T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable RemoteExecutor executor, OffloadOptions options, RemoteCallable<T> function);

    /**
     * Behaves as {@link #runInExecutor(RemoteExecutor, OffloadOptions, RemoteCallable)}, for a body that returns
     * nothing.
     *
     * @param executor the executor; null for the default executor
     * @param options what a cancellation does, and the listener to progress
     * @param action the function to run
     * @return the future of the result
     */
    default Future<@Nullable Void> runInExecutor(
            @Nullable RemoteExecutor executor, OffloadOptions options, RemoteCallable.Action action) {
        return runInExecutor(executor, options, RemoteCallable.of(action));
    }

    /**
     * Runs a function of one argument on an executor: {@code runInExecutor(pool, Files::readString, path)}.
     *
     * @param executor the executor; null for the default executor
     * @param function the function to run
     * @param argument the argument
     * @param <A> the type of the first argument
     * @param <T> the type of the result
     * @return the future of the result
     */
    default <A extends @Nullable Object, T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable Executor executor, CheckedFunction<? super A, T> function, A argument) {
        return runInExecutor(executor, new BoundFunction<>(function, () -> function.apply(argument)));
    }

    /**
     * Runs a function of two arguments on an executor.
     *
     * @param executor the executor; null for the default executor
     * @param function the function to run
     * @param first the first argument
     * @param second the second argument
     * @param <A> the type of the first argument
     * @param <B> the type of the second argument
     * @param <T> the type of the result
     * @return the future of the result
     */
    default <A extends @Nullable Object, B extends @Nullable Object, T extends @Nullable Object>
            Future<T> runInExecutor(
                    @Nullable Executor executor,
                    CheckedBiFunction<? super A, ? super B, T> function,
                    A first,
                    B second) {
        return runInExecutor(executor, new BoundFunction<>(function, () -> function.apply(first, second)));
    }

    /**
     * Runs a function of three arguments on an executor.
     *
     * @param executor the executor; null for the default executor
     * @param function the function to run
     * @param first the first argument
     * @param second the second argument
     * @param third the third argument
     * @param <A> the type of the first argument
     * @param <B> the type of the second argument
     * @param <C> the type of the third argument
     * @param <T> the type of the result
     * @return the future of the result
     */
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
        return runInExecutor(executor, new BoundFunction<>(function, () -> function.apply(first, second, third)));
    }

    /**
     * Runs a function of one argument outside this JVM.
     *
     * @param executor the executor; null for the default executor
     * @param function the function to run
     * @param argument the argument
     * @param <A> the type of the first argument
     * @param <T> the type of the result
     * @return the future of the result
     */
    default <A extends @Nullable Object, T extends @Nullable Object> Future<T> runInExecutor(
            @Nullable RemoteExecutor executor, RemoteFunction<? super A, T> function, A argument) {
        return runInExecutor(executor, (RemoteCallable<T>) () -> function.apply(argument));
    }

    /**
     * Runs a function of two arguments outside this JVM.
     *
     * @param executor the executor; null for the default executor
     * @param function the function to run
     * @param first the first argument
     * @param second the second argument
     * @param <A> the type of the first argument
     * @param <B> the type of the second argument
     * @param <T> the type of the result
     * @return the future of the result
     */
    default <A extends @Nullable Object, B extends @Nullable Object, T extends @Nullable Object>
            Future<T> runInExecutor(
                    @Nullable RemoteExecutor executor,
                    RemoteBiFunction<? super A, ? super B, T> function,
                    A first,
                    B second) {
        return runInExecutor(executor, (RemoteCallable<T>) () -> function.apply(first, second));
    }

    /**
     * Runs a function of three arguments outside this JVM.
     *
     * @param executor the executor; null for the default executor
     * @param function the function to run
     * @param first the first argument
     * @param second the second argument
     * @param third the third argument
     * @param <A> the type of the first argument
     * @param <B> the type of the second argument
     * @param <C> the type of the third argument
     * @param <T> the type of the result
     * @return the future of the result
     */
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
     * Makes {@code executor} the one that {@code null} and {@code toThread} stand for. The loop shuts it down at its
     * end if it is an {@link ExecutorService}. A pool of Offloop's that it replaces ends with the calls it has; an
     * executor of the user is not shut down.
     *
     * @param executor the executor, which runs functions in this JVM
     */
    default void setDefaultExecutor(Executor executor) {
        ((Loop) this).replaceDefaultExecutor(DefaultExecutors.checked(executor));
    }

    /**
     * Shuts the default executor down without blocking the loop: takes no more calls, lets the running ones finish,
     * interrupts them when {@code timeout} has passed, and logs a warning that names the calls that did not stop. While
     * the loop closes and has no tasks any more, functions that only wait in {@code dev.offloop.sync} are interrupted
     * before that, as soon as no other function runs: nothing of the loop can wake them. Counterpart of
     * {@code loop.shutdown_default_executor(timeout)}.
     *
     * @param timeout the longest time to wait; zero or less does not wait
     * @return done when the executor has ended or was given up
     */
    Future<@Nullable Void> shutdownDefaultExecutor(Duration timeout);

    /**
     * Sets the handler of errors that no await reports. The default handler logs them to the logger
     * {@code dev.offloop}.
     *
     * @param handler the handler
     */
    void setExceptionHandler(BiConsumer<? super EventLoop, ? super ErrorContext> handler);

    // ---- the end

    /**
     * Ends a loop that was made by {@link #on}: cancels its tasks and waits for them, then shuts its default executor
     * down, each within 10 seconds. May be called from any thread; does not block, since its caller may be the host's
     * own thread.
     *
     * @return done when the loop has ended
     * @throws IllegalStateException on a loop that a {@link Runner} has created, which its {@code close()} ends
     */
    CompletableFuture<@Nullable Void> shutdown();
}
