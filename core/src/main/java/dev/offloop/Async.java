package dev.offloop;

import dev.offloop.internal.engine.AsCompleted;
import dev.offloop.internal.engine.BoundFunction;
import dev.offloop.internal.engine.GatheringFuture;
import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.LoopFuture;
import dev.offloop.internal.engine.LoopTask;
import dev.offloop.internal.engine.ShieldFuture;
import dev.offloop.internal.engine.SleepFuture;
import dev.offloop.internal.engine.VoidForms;
import dev.offloop.internal.engine.WaitOn;
import dev.offloop.internal.util.Sneaky;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Provides the operations of a program on an event loop, for use with {@code import static dev.offloop.Async.*}.
 *
 * <pre>{@code
 * run(() -> {
 *     String page = await(toThread(() -> blockingDownload(url)));
 *     List<Integer> sizes = await(gather(toThread(() -> size(a)), toThread(() -> size(b))));
 * });
 * }</pre>
 *
 * <ul>
 *   <li>All but {@link #run} are called on the loop, and throw {@link IllegalStateException} elsewhere.
 *   <li>Tasks run one at a time and switch only in {@link #await} and the other methods here that wait. State that only
 *       tasks touch needs no lock.
 *   <li>A cancelled task gets a {@link CancelledError} at its next switch.
 * </ul>
 *
 * <p>Counterpart of the functions of the module {@code asyncio}.
 */
public final class Async {

    // The file has more than 500 lines because of its Javadoc; the methods are short, and users look for them here.

    private Async() {}

    // ---- running

    /**
     * Runs a coroutine on a loop of its own, to its end, and returns its result.
     *
     * <ul>
     *   <li>Blocks the caller. The loop runs on a thread of its own.
     *   <li>At the end it cancels the tasks that are left, lets offloaded functions finish for at most 10 seconds, then
     *       interrupts them, and logs a warning that names the functions that did not stop.
     *   <li>An interrupt of the caller cancels the coroutine. So does Ctrl-C, when called on the program's main thread;
     *       a second one ends the JVM. So does {@code SIGTERM}; the JVM then waits for at most 10 seconds.
     *   <li>A program that does not catch the {@link CancelledError} of Ctrl-C ends with exit code 130 and no stack
     *       trace.
     * </ul>
     *
     * <p>{@link Runner} does the same in steps. Counterpart of {@code asyncio.run}.
     *
     * @param main the coroutine to run
     * @param <T> the type of the result
     * @return the result
     * @throws Exception what the coroutine threw: the same object
     * @throws CancelledError if it was cancelled
     * @throws IllegalStateException if called from a task
     */
    public static <T extends @Nullable Object> T run(Coroutine<T> main) throws Exception {
        try (var runner = Runner.create()) {
            return runner.run(main);
        }
    }

    /**
     * Behaves as {@link #run(Coroutine)}, for a body that returns nothing.
     *
     * @param main the coroutine to run
     * @throws Exception the failure of the body
     */
    public static void run(Coroutine.Action main) throws Exception {
        run(VoidForms.coroutine(main));
    }

    // ---- waiting

    /**
     * Waits for a result without blocking the loop, and returns it.
     *
     * <ul>
     *   <li>Other tasks run meanwhile. Something that is done already is not waited for.
     *   <li>A failure is thrown as it is, the same type and for work in this JVM the same object; the wrapping of
     *       {@link java.util.concurrent.CompletionException} is taken off. Its stack trace shows who awaited it: the
     *       caller's frames are appended below a line {@code --- awaited by task NAME ---}, at most 32 of them at each
     *       of at most 8 awaits.
     *   <li>If this task is cancelled while it waits, what it waits for is cancelled too.
     * </ul>
     *
     * <p>Counterpart of {@code await}.
     *
     * @param awaitable a {@link Future}, a {@link Task}, or any other stage
     * @param <T> the type of the result
     * @return the result
     * @throws Exception the failure of {@code awaitable}
     * @throws CancelledError if it was cancelled, or this task was
     * @throws IllegalStateException outside of a task; in a task that awaits itself, or that would close a circle of
     *     tasks that wait for each other and that nothing else can end; or where Java cannot park: below a native
     *     method or a class initializer
     */
    public static <T extends @Nullable Object> T await(CompletionStage<T> awaitable) throws Exception {
        LoopTask<?> task = LoopTask.running("await");
        return task.await(task.loop.<T>adopt(awaitable));
    }

    /**
     * Suspends the calling task for a time, while other tasks run; zero or less only gives them a turn. It waits by
     * itself and returns no future. Counterpart of {@code asyncio.sleep}.
     *
     * @param delay the time to wait; zero or less counts as zero
     */
    public static void sleep(Duration delay) {
        LoopTask<?> task = LoopTask.running("sleep");
        if (!delay.isPositive()) {
            task.yieldNow();
            return;
        }
        try {
            task.await(new SleepFuture(task.loop, task.loop.after(delay)));
        } catch (Exception e) {
            throw Sneaky.rethrow(e);
        }
    }

    /** Gives every other ready task a turn. Counterpart of {@code asyncio.sleep(0)}. */
    public static void yieldNow() {
        LoopTask.running("yieldNow").yieldNow();
    }

    // ---- tasks

    /**
     * Starts a task on the current loop; its body begins on a later turn. Counterpart of {@code asyncio.create_task}.
     *
     * @param coroutine the body of the task
     * @param <T> the type of the result
     * @return the task
     */
    public static <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine) {
        return EventLoop.current().createTask(coroutine);
    }

    /**
     * Behaves as {@link #createTask(Coroutine)}, for a body that returns nothing.
     *
     * @param coroutine the body of the task
     * @return the task
     */
    public static Task<@Nullable Void> createTask(Coroutine.Action coroutine) {
        return EventLoop.current().createTask(coroutine);
    }

    /**
     * Starts a task with a name.
     *
     * @param name the name
     * @param coroutine the body of the task
     * @param <T> the type of the result
     * @return the task
     */
    public static <T extends @Nullable Object> Task<T> createTask(String name, Coroutine<T> coroutine) {
        return EventLoop.current().createTask(name, coroutine);
    }

    /**
     * Behaves as {@link #createTask(String, Coroutine)}, for a body that returns nothing.
     *
     * @param name the name
     * @param coroutine the body of the task
     * @return the task
     */
    public static Task<@Nullable Void> createTask(String name, Coroutine.Action coroutine) {
        return EventLoop.current().createTask(name, coroutine);
    }

    // ---- many futures

    /**
     * Returns the future of all results, in the order of the given futures or stages.
     *
     * <ul>
     *   <li>The first failure, or cancellation of one of them, fails it; the others go on.
     *   <li>Cancelling it cancels all of them.
     *   <li>Of none it is done at once, with an empty list.
     * </ul>
     *
     * <p>Counterpart of {@code asyncio.gather}.
     *
     * @param futures the futures, or other stages
     * @param <T> the type of the result
     * @return the future of the list, in the order of {@code futures}
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // it is only read
    public static <T extends @Nullable Object> Future<List<T>> gather(CompletionStage<? extends T>... futures) {
        return gather(Arrays.asList(futures));
    }

    /**
     * Returns the future of the results of a collection of futures, as {@link #gather(CompletionStage...)}.
     *
     * @param futures the futures, or other stages
     * @param <T> the type of the result
     * @return the future of the list, in the order of {@code futures}
     */
    public static <T extends @Nullable Object> Future<List<T>> gather(
            Collection<? extends CompletionStage<? extends T>> futures) {
        return Async.<T, T>gathering(futures, false, Async::value);
    }

    private static <T extends @Nullable Object> T value(Outcome<? extends T> outcome) {
        return switch (outcome) {
            case Outcome.Success<? extends T> success -> success.result();
            case Outcome.Failure<? extends T>(Throwable exception) -> throw Sneaky.rethrow(exception);
        };
    }

    /**
     * Returns the future of all outcomes, in the order of the given futures: it does not fail when one of them does.
     * Counterpart of {@code asyncio.gather(return_exceptions=True)}.
     *
     * @param futures the futures, or other stages
     * @param <T> the type of the result
     * @return the future of the list, in the order of {@code futures}
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // it is only read
    public static <T extends @Nullable Object> Future<List<Outcome<T>>> gatherOutcomes(
            CompletionStage<? extends T>... futures) {
        return gatherOutcomes(Arrays.asList(futures));
    }

    /**
     * Returns the future of the outcomes of a collection of futures, as {@link #gatherOutcomes(CompletionStage...)}.
     *
     * @param futures the futures, or other stages
     * @param <T> the type of the result
     * @return the future of the list, in the order of {@code futures}
     */
    public static <T extends @Nullable Object> Future<List<Outcome<T>>> gatherOutcomes(
            Collection<? extends CompletionStage<? extends T>> futures) {
        return Async.<T, Outcome<T>>gathering(futures, true, Async::widen);
    }

    @SuppressWarnings("unchecked") // an outcome only ever gives its T
    private static <T extends @Nullable Object> Outcome<T> widen(Outcome<? extends T> outcome) {
        return (Outcome<T>) outcome;
    }

    private static <C extends @Nullable Object, E extends @Nullable Object> Future<List<E>> gathering(
            Collection<? extends CompletionStage<? extends C>> futures,
            boolean anyEnd,
            Function<? super Outcome<? extends C>, ? extends E> toElement) {
        Loop loop = Loop.current();
        List<LoopFuture<? extends C>> children = new ArrayList<>(futures.size());
        for (CompletionStage<? extends C> future : futures) {
            children.add(loop.<C>adopt(future));
        }
        return new GatheringFuture<>(loop, children, anyEnd, toElement);
    }

    /**
     * Returns a future that ends as {@code future} does, but does not pass a cancellation on to it:
     * {@code await(shield(write))} can be cancelled, the write goes on. Counterpart of {@code asyncio.shield}.
     *
     * @param future the future
     * @param <T> the type of the result
     * @return the new future
     */
    public static <T extends @Nullable Object> Future<T> shield(Future<T> future) {
        return new ShieldFuture<>(Loop.current().<T>adopt(future));
    }

    /**
     * Waits until one, or all, of some futures have ended, and returns which have. Cancels none of them, and throws
     * none of their failures.
     *
     * <p>Counterpart of {@code asyncio.wait}.
     *
     * @param futures the futures, or other stages
     * @param when the condition to wait for
     * @param <T> the type of the result
     * @return the futures that have ended, and those that have not
     * @throws IllegalArgumentException if there are none
     * @throws CancelledError if the task is cancelled meanwhile; the futures are not
     */
    public static <T extends @Nullable Object> Waited<T> waitOn(
            Collection<? extends Future<? extends T>> futures, ReturnWhen when) {
        LoopTask<?> task = LoopTask.running("waitOn");
        return new WaitOn<T>(task.loop, futures, when).await(task, Long.MAX_VALUE);
    }

    /**
     * Waits as {@link #waitOn(Collection, ReturnWhen)}, for at most {@code timeout}; what has not ended then is in
     * {@code pending()}.
     *
     * @param futures the futures, or other stages
     * @param when the condition to wait for
     * @param timeout the longest time to wait; zero or less does not wait
     * @param <T> the type of the result
     * @return the futures that have ended, and those that have not
     * @throws IllegalArgumentException if there are no futures
     * @throws CancelledError if the task is cancelled meanwhile; the futures are not
     */
    public static <T extends @Nullable Object> Waited<T> waitOn(
            Collection<? extends Future<? extends T>> futures, ReturnWhen when, Duration timeout) {
        LoopTask<?> task = LoopTask.running("waitOn");
        return new WaitOn<T>(task.loop, futures, when).await(task, task.loop.after(timeout));
    }

    /**
     * Returns the futures themselves, in the order in which they end: each step of a {@code for} over it waits for the
     * next.
     *
     * <ul>
     *   <li>The same future twice comes once. None is cancelled, however the {@code for} is left.
     *   <li>A second {@code for} over the same object goes on where the first was left.
     * </ul>
     *
     * <p>Counterpart of {@code asyncio.as_completed}.
     *
     * @param futures the futures, or other stages
     * @param <T> the type of the result
     * @return the futures in the order in which they end
     */
    public static <T extends @Nullable Object> Iterable<Future<T>> asCompleted(
            Collection<? extends Future<? extends T>> futures) {
        return new AsCompleted<>(Loop.current(), futures, null);
    }

    /**
     * Returns the futures as {@link #asCompleted(Collection)}, for at most {@code timeout}, counted from now: after
     * that, {@code next()} throws a {@link java.util.concurrent.CompletionException} whose cause is a
     * {@link java.util.concurrent.TimeoutException}.
     *
     * @param futures the futures, or other stages
     * @param timeout the longest time to wait; zero or less does not wait
     * @param <T> the type of the result
     * @return the futures in the order in which they end
     */
    public static <T extends @Nullable Object> Iterable<Future<T>> asCompleted(
            Collection<? extends Future<? extends T>> futures, Duration timeout) {
        return new AsCompleted<>(Loop.current(), futures, timeout);
    }

    // ---- timeouts and groups

    /**
     * Runs a coroutine in this task, for at most {@code time}.
     *
     * <ul>
     *   <li>When the time has passed, what the coroutine awaits is cancelled, and
     *       {@link java.util.concurrent.TimeoutException} is thrown here once it has ended. What it throws itself, or
     *       returns, in spite of that is thrown or returned.
     *   <li>A time of zero or less expires at once: the coroutine is not started.
     *   <li>Of nested timeouts each throws its own exception; when several expire at once, the outermost of them does.
     *   <li>A cancellation from outside stays a cancellation.
     * </ul>
     *
     * <p>Counterpart of {@code async with asyncio.timeout(…)}.
     *
     * @param time the longest time that it may take; zero or less expires at once
     * @param coroutine the body, which runs in the calling task
     * @param <T> the type of the result
     * @return the result
     * @throws java.util.concurrent.TimeoutException if the time has expired before the body ended
     * @throws Exception the failure of the body
     */
    public static <T extends @Nullable Object> T timeout(Duration time, Coroutine<T> coroutine) throws Exception {
        return timeout(time, (Timeout.Body<T>) _ -> coroutine.run());
    }

    /**
     * Behaves as {@link #timeout(Duration, Coroutine)}, for a body that returns nothing.
     *
     * @param time the longest time that it may take; zero or less expires at once
     * @param coroutine the body, which runs in the calling task
     * @throws java.util.concurrent.TimeoutException if the time has expired before the body ended
     * @throws Exception the failure of the body
     */
    public static void timeout(Duration time, Coroutine.Action coroutine) throws Exception {
        timeout(time, VoidForms.coroutine(coroutine));
    }

    /**
     * Behaves as {@link #timeout(Duration, Coroutine)}, for a body that reads its deadline or changes it.
     *
     * @param time the longest time that it may take; zero or less expires at once
     * @param body the body to run
     * @param <T> the type of the result
     * @return the result
     * @throws java.util.concurrent.TimeoutException if the time has expired before the body ended
     * @throws Exception the failure of the body
     */
    public static <T extends @Nullable Object> T timeout(Duration time, Timeout.Body<T> body) throws Exception {
        return Timeout.within(LoopTask.running("timeout"), time, body);
    }

    /**
     * Behaves as {@link #timeout(Duration, Timeout.Body)}, for a body that returns nothing.
     *
     * @param time the longest time that it may take; zero or less expires at once
     * @param body the body to run
     * @throws java.util.concurrent.TimeoutException if the time has expired before the body ended
     * @throws Exception the failure of the body
     */
    public static void timeout(Duration time, Timeout.Action body) throws Exception {
        timeout(time, VoidForms.body(body));
    }

    /**
     * Behaves as {@link #timeout(Duration, Coroutine)}, until a time on the clock of {@link EventLoop#time()}.
     * Counterpart of {@code asyncio.timeout_at}.
     *
     * @param deadline the time on the clock of {@link EventLoop#time()} at which to expire
     * @param coroutine the body, which runs in the calling task
     * @param <T> the type of the result
     * @return the result
     * @throws java.util.concurrent.TimeoutException if the time has expired before the body ended
     * @throws Exception the failure of the body
     */
    public static <T extends @Nullable Object> T timeoutAt(Duration deadline, Coroutine<T> coroutine) throws Exception {
        return timeoutAt(deadline, (Timeout.Body<T>) _ -> coroutine.run());
    }

    /**
     * Behaves as {@link #timeoutAt(Duration, Coroutine)}, for a body that returns nothing.
     *
     * @param deadline the time on the clock of {@link EventLoop#time()} at which to expire
     * @param coroutine the body, which runs in the calling task
     * @throws java.util.concurrent.TimeoutException if the time has expired before the body ended
     * @throws Exception the failure of the body
     */
    public static void timeoutAt(Duration deadline, Coroutine.Action coroutine) throws Exception {
        timeoutAt(deadline, VoidForms.coroutine(coroutine));
    }

    /**
     * Behaves as {@link #timeoutAt(Duration, Coroutine)}, for a body that reads its deadline or changes it.
     *
     * @param deadline the time on the clock of {@link EventLoop#time()} at which to expire
     * @param body the body to run
     * @param <T> the type of the result
     * @return the result
     * @throws java.util.concurrent.TimeoutException if the time has expired before the body ended
     * @throws Exception the failure of the body
     */
    public static <T extends @Nullable Object> T timeoutAt(Duration deadline, Timeout.Body<T> body) throws Exception {
        return Timeout.until(LoopTask.running("timeoutAt"), deadline, body);
    }

    /**
     * Awaits a future for at most {@code time}, and cancels it when the timeout expires. {@code waitFor(shield(future),
     * time)} does not cancel it.
     *
     * <p>It waits by itself and returns no future. To run it beside others, give it a task: {@code gather(createTask(()
     * -> waitFor(toThread(…), time)), …)}. Counterpart of {@code asyncio.wait_for}.
     *
     * @param future the future
     * @param time the longest time that it may take; zero or less expires at once
     * @param <T> the type of the result
     * @return the result
     * @throws java.util.concurrent.TimeoutException when the timeout has expired and the future has ended
     * @throws CancelledError if the task or the future is cancelled
     * @throws Exception the failure of the future
     */
    public static <T extends @Nullable Object> T waitFor(Future<T> future, Duration time) throws Exception {
        if (future.done()) {
            return await(future);
        }
        if (!time.isPositive()) {
            future.cancel("There was no time to wait for it");
            await(gatherOutcomes(future));
            if (!future.cancelled()) {
                return future.result(); // it would not be cancelled
            }
            throw new java.util.concurrent.TimeoutException("The future was not done, and there was no time to wait");
        }
        return timeout(time, () -> await(future));
    }

    /**
     * Runs a body that starts tasks in a group, and returns when the body and all of them have ended.
     *
     * <ul>
     *   <li>The first failure cancels the other children, and the body. When all have ended it is thrown, with the
     *       others suppressed in it; an {@link Error} goes before exceptions.
     *   <li>A cancellation of this task cancels the children. It is not lost when one of them fails as well: the
     *       failure is thrown here, the cancellation at the next await.
     *   <li>{@link TaskGroup#cancel()} ends the group quietly; the result is null if the body did not end by itself.
     * </ul>
     *
     * <p>Counterpart of {@code async with asyncio.TaskGroup()}.
     *
     * @param body the body to run
     * @param <T> the type of the result
     * @return the result
     * @throws Exception the failure of the body
     */
    public static <T extends @Nullable Object> T taskGroup(TaskGroup.Body<T> body) throws Exception {
        return TaskGroup.run(LoopTask.running("taskGroup"), body);
    }

    /**
     * Behaves as {@link #taskGroup(TaskGroup.Body)}, for a body that returns nothing.
     *
     * @param body the body to run
     * @throws Exception the failure of the body
     */
    public static void taskGroup(TaskGroup.Action body) throws Exception {
        taskGroup(VoidForms.body(body));
    }

    // ---- blocking work

    /**
     * Runs a blocking function on a thread of the default executor and returns the future of its result. It starts now,
     * awaited or not.
     *
     * <ul>
     *   <li>The default executor has at most {@code min(32, processors + 4)} daemon threads; what comes when all are
     *       busy waits for one.
     *   <li>An exception of the function is thrown, the same object, where the future is awaited.
     *   <li>Cancelling the future before the function has started means that it never runs; later, that its thread is
     *       interrupted and its result dropped, unless {@link OnCancel} says otherwise.
     *   <li>The function sees a copy of the caller's {@linkplain ContextVar context}, and may talk back to the loop by
     *       {@link Offload}.
     * </ul>
     *
     * <p>{@link EventLoop#runInExecutor} runs it elsewhere; a {@link CapacityLimiter} given to that bounds the number
     * of such calls. Counterpart of {@code asyncio.to_thread}.
     *
     * @param function the function to run
     * @param <T> the type of the result
     * @return the future of the result
     */
    public static <T extends @Nullable Object> Future<T> toThread(Callable<T> function) {
        return EventLoop.current().runInExecutor((Executor) null, function);
    }

    /**
     * Behaves as {@link #toThread(Callable)}, for a body that returns nothing.
     *
     * @param action the function to run
     * @return the future of the result
     */
    public static Future<@Nullable Void> toThread(Coroutine.Action action) {
        return EventLoop.current().runInExecutor((Executor) null, action);
    }

    /**
     * Behaves as {@link #toThread(Callable)}, with options for cancellation and progress:
     * {@code toThread(OnCancel.WAIT, () -> …)}. Counterpart of {@code anyio.to_thread.run_sync(abandon_on_cancel=…)}.
     *
     * @param options what a cancellation does, and the listener to progress
     * @param function the function to run
     * @param <T> the type of the result
     * @return the future of the result
     */
    public static <T extends @Nullable Object> Future<T> toThread(OffloadOptions options, Callable<T> function) {
        return EventLoop.current().runInExecutor((Executor) null, options, function);
    }

    /**
     * Behaves as {@link #toThread(OffloadOptions, Callable)}, for a body that returns nothing.
     *
     * @param options what a cancellation does, and the listener to progress
     * @param action the function to run
     * @return the future of the result
     */
    public static Future<@Nullable Void> toThread(OffloadOptions options, Coroutine.Action action) {
        return EventLoop.current().runInExecutor((Executor) null, options, action);
    }

    /**
     * Runs a function of one argument on a thread: {@code toThread(Files::readString, path)}.
     *
     * @param function the function to run
     * @param argument the argument
     * @param <A> the type of the first argument
     * @param <T> the type of the result
     * @return the future of the result
     */
    public static <A extends @Nullable Object, T extends @Nullable Object> Future<T> toThread(
            CheckedFunction<? super A, T> function, A argument) {
        return toThread(new BoundFunction<>(function, () -> function.apply(argument)));
    }

    /**
     * Runs a function of two arguments on a thread.
     *
     * @param function the function to run
     * @param first the first argument
     * @param second the second argument
     * @param <A> the type of the first argument
     * @param <B> the type of the second argument
     * @param <T> the type of the result
     * @return the future of the result
     */
    public static <A extends @Nullable Object, B extends @Nullable Object, T extends @Nullable Object>
            Future<T> toThread(CheckedBiFunction<? super A, ? super B, T> function, A first, B second) {
        return toThread(new BoundFunction<>(function, () -> function.apply(first, second)));
    }

    /**
     * Runs a function of three arguments on a thread.
     *
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
    public static <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    T extends @Nullable Object>
            Future<T> toThread(
                    CheckedTriFunction<? super A, ? super B, ? super C, T> function, A first, B second, C third) {
        return toThread(new BoundFunction<>(function, () -> function.apply(first, second, third)));
    }
}
