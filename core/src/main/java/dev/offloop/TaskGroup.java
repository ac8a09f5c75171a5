package dev.offloop;

import dev.offloop.internal.engine.AwaitTrace;
import dev.offloop.internal.engine.GroupMembers;
import dev.offloop.internal.engine.LoopFuture;
import dev.offloop.internal.engine.LoopPromise;
import dev.offloop.internal.engine.LoopTask;
import dev.offloop.internal.engine.SignalFuture;
import dev.offloop.internal.engine.VoidForms;
import dev.offloop.internal.util.Sneaky;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks that end together: {@link Async#taskGroup(Body)} does not return before all of them have ended.
 *
 * <p>The first failure, of a child or of the body, cancels all the others. The parent is cancelled too if it is still
 * in the body; that cancellation is taken back when the body has ended, so that it never leaves the scope, and the rest
 * of the count shows whether code outside the group has cancelled the parent as well. An outside cancellation that
 * meets a failure is thrown at the parent's next await.
 *
 * <p>{@link #start} is the counterpart of Trio's {@code nursery.start}, the group that of {@code asyncio.TaskGroup}.
 */
public final class TaskGroup {

    /** Listens to the end of a child. */
    private final class ChildListener implements LoopFuture.Listener {
        @Override
        public void ended(LoopFuture<?> child) {
            childEnded((LoopTask<?>) child);
        }

        @Override
        public @Nullable LoopFuture<?> dependent() {
            return childrenEnded;
        }
    }

    /** Runs a body that returns nothing. */
    @FunctionalInterface
    public interface Action {

        /**
         * Runs the body.
         *
         * @param group the group
         * @throws Exception the failure of the body
         */
        void act(TaskGroup group) throws Exception;
    }

    /**
     * Runs a body that starts tasks.
     *
     * <p>It is an {@link Action} too, so that a lambda that could be either, such as one that only throws, is this one.
     *
     * @param <T> the type of the result
     */
    @FunctionalInterface
    @SuppressWarnings("FunctionalInterfaceMethodChanged") // act() is run() without its result
    public interface Body<T extends @Nullable Object> extends Action {

        /**
         * Runs the body.
         *
         * @param group the group
         * @return the result of the body
         * @throws Exception the failure of the body
         */
        T run(TaskGroup group) throws Exception;

        @Override
        default void act(TaskGroup group) throws Exception {
            run(group);
        }
    }

    /**
     * Runs a child that reports when it is ready.
     *
     * @param <R> the type of the value that it reports
     */
    @FunctionalInterface
    public interface Starting<R extends @Nullable Object> {

        /**
         * Runs the child, which continues after it has called {@link Started#started}.
         *
         * @param status receives the report that the child is ready
         * @throws Exception the failure of the child
         */
        void run(Started<R> status) throws Exception;
    }

    /**
     * Reports that a child is ready.
     *
     * @param <R> the type of the value
     */
    @FunctionalInterface
    public interface Started<R extends @Nullable Object> {

        /**
         * Reports that the child is ready: {@link TaskGroup#start} returns {@code value}.
         *
         * @param value the value to return
         */
        void started(R value);
    }

    private final LoopTask<?> parent;
    private final GroupMembers members;
    private final ChildListener childListener = new ChildListener();
    private final List<Throwable> failures = new ArrayList<>();
    private @Nullable Throwable bodysFailure;
    private @Nullable SignalFuture childrenEnded;
    private boolean bodyEnded;
    private boolean over;
    private boolean parentCancelled;

    private TaskGroup(LoopTask<?> parent) {
        this.parent = parent;
        this.members = GroupMembers.open(parent);
    }

    @SuppressWarnings("NullAway") // a body that was cancelled quietly has no result
    static <T extends @Nullable Object> T run(LoopTask<?> parent, Body<T> body) throws Exception {
        var group = new TaskGroup(parent);
        T result = null;
        CancelledError cancellation = null;
        try {
            result = body.run(group);
        } catch (CancelledError e) {
            cancellation = e;
        } catch (Throwable t) {
            group.bodysFailure = t;
            group.failures.add(t);
        }
        group.end(cancellation);
        return result;
    }

    // ---- the end

    private void end(@Nullable CancelledError fromBody) throws Exception {
        bodyEnded = true;
        CancelledError outside = fromBody;
        if (parentCancelled && parent.uncancel() == 0) {
            outside = null; // it was ours
        }
        if (fromBody != null || !failures.isEmpty()) {
            members.cancelChildren();
        }
        boolean impossible = false;
        while (!members.children().isEmpty()) {
            try {
                childrenEnded = new SignalFuture(parent.loop, "taskGroup(…)", members::children);
                parent.await(childrenEnded);
            } catch (CancelledError e) {
                outside = e;
                members.cancelChildren();
            } catch (IllegalStateException e) { // a child waits for this task, or this one cannot be suspended here
                failures.add(e);
                if (impossible) {
                    break;
                }
                impossible = true;
                members.cancelChildren();
            }
        }
        over = true;
        members.close();
        throwOutcome(outside);
    }

    private void throwOutcome(@Nullable CancelledError outside) throws Exception {
        if (failures.isEmpty()) {
            if (outside != null) {
                throw outside;
            }
            return;
        }
        if (outside != null) {
            parent.uncancel(); // and again, so that the count stays and the next await throws it
            parent.cancelHere(outside.getMessage());
        }
        Throwable first =
                failures.stream().filter(Error.class::isInstance).findFirst().orElse(failures.getFirst());
        for (Throwable other : failures) {
            if (other != first) {
                first.addSuppressed(other);
            }
        }
        if (first != bodysFailure) {
            AwaitTrace.add(first, parent);
        }
        throw Sneaky.rethrow(first);
    }

    private void childEnded(LoopTask<?> child) {
        members.remove(child);
        Throwable failure = child.cancelled() ? null : child.exception();
        if (failure != null) {
            failures.add(failure);
            stop();
        }
        if (childrenEnded != null && members.children().isEmpty()) {
            childrenEnded.give();
        }
    }

    private void stop() {
        if (!members.cancelled()) {
            members.cancelChildren();
            if (!bodyEnded) {
                parentCancelled = true;
                parent.cancelHere("The task group is ending");
            }
        }
    }

    // ---- for the body and the children

    /**
     * Starts a task that belongs to the group.
     *
     * @param coroutine the body of the task
     * @param <T> the type of the result
     * @return the task
     * @throws IllegalStateException if the group has failed, was cancelled or has ended
     */
    public <T extends @Nullable Object> Task<T> createTask(Coroutine<T> coroutine) {
        return spawn(null, coroutine);
    }

    /**
     * Starts a task without a result that belongs to the group.
     *
     * @param coroutine the body of the task
     * @return the task
     * @throws IllegalStateException if the group has failed, was cancelled or has ended
     */
    public Task<@Nullable Void> createTask(Coroutine.Action coroutine) {
        return spawn(null, VoidForms.coroutine(coroutine));
    }

    /**
     * Starts a task with a name that belongs to the group.
     *
     * @param name the name of the task
     * @param coroutine the body of the task
     * @param <T> the type of the result
     * @return the task
     * @throws IllegalStateException if the group has failed, was cancelled or has ended
     */
    public <T extends @Nullable Object> Task<T> createTask(String name, Coroutine<T> coroutine) {
        return spawn(name, coroutine);
    }

    /**
     * Starts a task with a name and without a result that belongs to the group.
     *
     * @param name the name of the task
     * @param coroutine the body of the task
     * @return the task
     * @throws IllegalStateException if the group has failed, was cancelled or has ended
     */
    public Task<@Nullable Void> createTask(String name, Coroutine.Action coroutine) {
        return spawn(name, VoidForms.coroutine(coroutine));
    }

    private <T extends @Nullable Object> LoopTask<T> spawn(@Nullable String name, Coroutine<? extends T> coroutine) {
        if (over || members.cancelled()) {
            throw new IllegalStateException(
                    over
                            ? "The task group has ended"
                            : "The task group has failed or was cancelled: it takes no more tasks");
        }
        return parent.loop.spawn(name, coroutine, child -> {
            members.add(child);
            child.listen(childListener);
        });
    }

    /**
     * Starts a task that belongs to the group and waits until it reports that it is ready.
     *
     * @param starting the body of the task
     * @param <R> the type of the value that the task reports
     * @return the value passed to {@link Started#started}
     * @throws Exception the failure of the task before it was ready, which does not fail the group
     * @throws IllegalStateException if the group takes no more tasks, or the task ended before it was ready
     */
    public <R extends @Nullable Object> R start(Starting<R> starting) throws Exception {
        LoopPromise<R> ready = new LoopPromise<>(parent.loop);
        LoopTask<@Nullable Void> child = spawn(null, () -> {
            try {
                starting.run(ready::setResult);
                ready.fail(new IllegalStateException("The task ended without calling started(…)"));
            } catch (Throwable t) {
                if (t instanceof CancelledError ? ready.endCancelled(t.getMessage()) : ready.fail(t)) {
                    return null;
                }
                throw t;
            }
            return null;
        });
        child.listen(_ -> ready.endCancelled("The task was cancelled before it was started"));
        try {
            return Async.await(ready);
        } catch (CancelledError e) {
            child.cancelHere(e.getMessage());
            throw e;
        }
    }

    /**
     * Cancels all children, and the body if it still runs. The group then ends without an error of its own.
     *
     * @throws WrongThreadException if called from outside the loop's side
     */
    public void cancel() {
        parent.loop.checkCurrent("loop.callSoonThreadsafe(group::cancel)");
        stop();
    }
}
