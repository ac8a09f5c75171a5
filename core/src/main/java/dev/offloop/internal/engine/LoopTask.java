package dev.offloop.internal.engine;

import dev.offloop.CancelledError;
import dev.offloop.Coroutine;
import dev.offloop.ErrorContext;
import dev.offloop.Task;
import dev.offloop.internal.context.Context;
import dev.offloop.internal.jfr.Jfr;
import dev.offloop.internal.util.UserCode;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine on its fiber.
 *
 * <p><b>A step.</b> The ready queue runs the task; that resumes the fiber, which runs the body to its next await. There
 * the body listens to what it awaits and suspends; the end of that puts the task into the ready queue again. All of it
 * happens on the loop's side, one at a time, so nothing here is locked.
 *
 * <p><b>Cancellation.</b> A request goes to what the task awaits, so that the innermost work is stopped; its end brings
 * the {@link CancelledError} up through the await. When there is nothing to pass it to (the task is ready, running or
 * not started, or what it awaits has just ended) the request is kept in {@code mustCancel} and raised at the await
 * where the task stands or arrives next. So it is delivered once, and a completion that came first cannot eat it.
 */
public final class LoopTask<T extends @Nullable Object> extends LoopFuture<T>
        implements Task<T>, Runnable, LoopFuture.Listener {

    private static final AtomicLong CREATED = new AtomicLong();

    private final Coroutine<? extends T> coroutine;
    private final Context.Snapshot context = Context.Snapshot.take();
    private final long number = CREATED.incrementAndGet();
    private final @Nullable String givenName;

    /** The task that created it: its name as given, and its number; 0 if none did. Not itself: it may end first. */
    private final @Nullable String creatorName;

    private final long creatorNumber;
    private @Nullable Fiber fiber;
    private @Nullable LoopFuture<?> awaited;

    private boolean mustCancel;
    private @Nullable String cancelMessage;
    private int cancelling;

    /** The number of scopes around it that end what it awaits when their time expires. */
    public int timeouts;

    /** The group that it belongs to. */
    @Nullable
    GroupMembers group;

    /** The innermost group that it has opened and not yet closed. */
    @Nullable
    GroupMembers openGroup;

    /** A {@code TaskEvent}, to be written at the end; null while nobody records. */
    private @Nullable Object life;

    /** What the await that was ended early fails with. */
    private @Nullable IllegalStateException deadlock;

    /** Neighbours in the loop's {@link TaskList}. */
    @Nullable
    LoopTask<?> before;

    @Nullable
    LoopTask<?> after;

    public LoopTask(Loop loop, @Nullable String name, Coroutine<? extends T> coroutine) {
        super(loop);
        this.givenName = name;
        LoopTask<?> creator = loop.creator();
        this.creatorName = creator == null ? null : creator.givenName;
        this.creatorNumber = creator == null ? 0 : creator.number;
        if (Jfr.isOn()) {
            this.life = TaskLife.begin();
        }
        this.coroutine = Objects.requireNonNull(coroutine, "coroutine");
    }

    @Override
    @Nullable
    public Collection<? extends LoopFuture<?>> dependsOn() {
        LoopFuture<?> awaited = this.awaited;
        return awaited == null || timeouts > 0 ? null : List.of(awaited);
    }

    @Override
    public String name() {
        return nameOf(givenName, number);
    }

    private static String nameOf(@Nullable String givenName, long number) {
        return givenName != null ? givenName : "Task-" + number;
    }

    /** Which task created it, in words; null if none did. */
    @Nullable
    String creator() {
        return creatorNumber == 0 ? null : "task " + nameOf(creatorName, creatorNumber);
    }

    @Override
    public String what() {
        return "task " + name();
    }

    @Override
    public String toString() {
        return "Task[" + name() + (done() ? cancelled() ? ", cancelled" : ", done" : "") + "]";
    }

    /** Returns the report of an error that concerns this task. */
    ErrorContext errorContext(String message, @Nullable Throwable exception) {
        return new ErrorContext(message, exception, this, this, createdAt());
    }

    /**
     * Returns the task that runs on the calling thread.
     *
     * @param method the method that has to be called from a task, for the error
     */
    public static LoopTask<?> running(String method) {
        LoopTask<?> task = Loop.current().runningTask();
        if (task == null) {
            throw new IllegalStateException(
                    method
                            + "(…) was called from a callback of the loop, which cannot wait: start a task there, createTask(…)");
        }
        return task;
    }

    @Override
    public void atEnd() {
        Object life = this.life;
        if (life != null) {
            TaskLife.end(life, this);
        }
    }

    // ---- on the loop

    /** One step. */
    @Override
    public void run() {
        if (done()) {
            return;
        }
        if (fiber == null && mustCancel) {
            leave();
            endCancelled(cancelMessage);
            return;
        }
        LoopTask<?> outer = loop.enter(this);
        try {
            fiberOrNew().resume();
        } catch (Throwable t) { // there is no thread to be had
            leave();
            failOrReport(t);
        } finally {
            loop.enter(outer);
        }
    }

    private Fiber fiberOrNew() {
        Fiber fiber = this.fiber;
        if (fiber == null) {
            fiber = Fiber.create(loop, name(), this::runBody);
            this.fiber = fiber;
        }
        return fiber;
    }

    /** What the task awaited has ended. */
    @Override
    public void ended(LoopFuture<?> future) {
        if (future == awaited) { // it may have stopped waiting when the end was on its way
            awaited = null;
            loop.scheduler().add(this);
        }
    }

    @Override
    public LoopFuture<?> dependent() {
        return this;
    }

    @Override
    public boolean cancelHere(@Nullable String message) {
        return CancellationWalk.below(this, message);
    }

    /** Takes note of a cancellation, and returns what it has to be passed on to; nothing, if it ends here. */
    List<LoopFuture<?>> beginCancel(@Nullable String message) {
        if (done()) {
            return List.of();
        }
        cancelling++;
        LoopFuture<?> awaited = this.awaited;
        if (awaited != null
                && !awaited.done()
                && (awaited instanceof LoopTask<?> || awaited instanceof GatheringFuture<?, ?>)) {
            return List.of(awaited);
        }
        if (awaited == null || !awaited.cancelHere(message)) {
            mustCancel(message);
        }
        return List.of();
    }

    /** Raises the cancellation here, whatever becomes of what is awaited. */
    void stopWaiting(@Nullable String message) {
        LoopFuture<?> awaited = this.awaited;
        if (awaited != null && !awaited.done()) {
            awaited.unlisten(this);
            this.awaited = null;
            mustCancel(message);
            loop.scheduler().add(this);
        }
    }

    /** Has the task run again before what it awaits has ended. False if it awaits nothing. */
    boolean leaveAwait() {
        LoopFuture<?> awaited = this.awaited;
        if (awaited == null) {
            return false;
        }
        awaited.unlisten(this);
        this.awaited = null;
        loop.scheduler().add(this);
        return true;
    }

    private void mustCancel(@Nullable String message) {
        mustCancel = true;
        cancelMessage = message;
    }

    @Override
    public int cancelling() {
        return cancelling;
    }

    @Override
    public int uncancel() {
        loop.checkCurrent("loop.callSoonThreadsafe(task::uncancel)");
        if (cancelling > 0 && --cancelling == 0) {
            mustCancel = false;
        }
        return cancelling;
    }

    @Override
    public List<StackTraceElement> stack() {
        Thread thread = thread();
        return thread == null ? List.of() : UserCode.of(thread.getStackTrace());
    }

    /** Ends the await at which the task is suspended. */
    void failAwait(IllegalStateException deadlock) {
        if (leaveAwait()) {
            this.deadlock = deadlock;
        }
    }

    /** The task whose group it belongs to; null if it belongs to none. */
    @Nullable
    LoopTask<?> parent() {
        return group == null ? null : group.parent();
    }

    @Nullable
    LoopFuture<?> awaited() {
        return awaited;
    }

    /** The futures whose end it waits for, as far as is known. On the loop's side. */
    Collection<? extends LoopFuture<?>> waitsFor() {
        LoopFuture<?> awaited = this.awaited;
        Collection<? extends LoopFuture<?>> below = awaited == null ? null : awaited.dependsOn();
        if (awaited instanceof LoopTask<?>) {
            return List.of(awaited);
        }
        return below == null ? List.of() : below;
    }

    /** What it awaits and for whom, in words; null if nothing. On the loop's side. */
    @Nullable
    public String awaitedInWords() {
        LoopFuture<?> awaited = this.awaited;
        return awaited == null
                ? null
                : awaited instanceof LoopTask<?> ? awaited.what() : awaited.what() + TaskDump.whom(this);
    }

    /** The virtual thread of the task, null before its first step. */
    @Nullable
    public Thread thread() {
        Fiber fiber = this.fiber; // it may be another thread that asks
        return fiber == null ? null : fiber.thread();
    }

    // ---- on the fiber

    private void runBody() {
        try {
            context.run(this::body);
        } catch (Throwable t) { // not the body's, which has its own end: a foreign context that cannot be entered
            leave();
            failOrReport(t);
        }
    }

    /** A task that has ended already cannot bring the error to those who await it. */
    private void failOrReport(Throwable t) {
        if (!fail(t)) {
            loop.report(errorContext("Exception in the event loop itself, when a task ended", t));
        }
    }

    private void body() {
        loop.bindThread();
        try {
            T result = coroutine.run();
            leave();
            if (mustCancel) {
                endCancelled(cancelMessage);
            } else {
                succeed(result);
            }
        } catch (CancelledError e) {
            leave();
            endCancelled(e.getMessage());
        } catch (Throwable t) {
            leave();
            failOrReport(t);
        }
    }

    private void leave() {
        loop.tasks().remove(this);
        fiber = null;
    }

    /** Waits for a future of this loop. Only called by the running body. */
    public <V extends @Nullable Object> V await(LoopFuture<V> future) throws Exception {
        if (future == this) {
            throw new IllegalStateException("Task " + name() + " awaits itself: it would never end");
        }
        if (future.done()) {
            raiseCancellation();
            return resultOf(future);
        }
        if (!mustCancel) {
            TaskDeadlock.check(this, future);
        }
        future.listen(this);
        awaited = future;
        if (mustCancel && future.cancelHere(cancelMessage)) {
            mustCancel = false;
        }
        try {
            suspend();
        } catch (IllegalStateException pinned) {
            if (awaited == null) { // the future ended before
                loop.scheduler().takeBack(this);
            }
            awaited = null;
            future.unlisten(this);
            throw pinned;
        }
        IllegalStateException deadlock = this.deadlock;
        this.deadlock = null;
        raiseCancellation();
        if (deadlock != null) { // made on the loop's thread, so its stack does not show this await
            AwaitTrace.add(deadlock, this);
            throw deadlock;
        }
        return resultOf(future);
    }

    private <V extends @Nullable Object> V resultOf(LoopFuture<V> future) throws Exception {
        try {
            return future.result();
        } catch (CancelledError cancelled) { // made here
            throw cancelled;
        } catch (Throwable failure) {
            AwaitTrace.add(failure, this);
            throw failure;
        }
    }

    /** Waits for a signal, and gives it when the deadline, on the loop's clock, comes first. */
    public void await(SignalFuture signal, long deadline) throws Exception {
        Timer timer = deadline == Long.MAX_VALUE ? null : loop.timerAt(deadline, signal::give);
        try {
            await(signal);
        } finally {
            if (timer != null) {
                timer.cancel();
            }
        }
    }

    /** Lets every other ready task have a turn. Only called by the running body. */
    public void yieldNow() {
        loop.scheduler().add(this);
        try {
            suspend();
        } catch (IllegalStateException pinned) {
            loop.scheduler().takeBack(this);
            throw pinned;
        }
        raiseCancellation();
    }

    /**
     * Lets a new task have its first step, and goes on. Only called by the running body, for which this is no await:
     * nothing else comes between, and a cancellation stays for the next one.
     */
    void startEagerly(LoopTask<?> other) {
        if (fiber != null && fiber.mayBePinned()) {
            loop.scheduler().add(other);
            return;
        }
        loop.scheduler().addEagerly(other, this);
        try {
            suspend();
        } catch (IllegalStateException pinned) { // then it begins on a later turn, as tasks do
            loop.scheduler().takeBackEagerly();
            loop.scheduler().add(other);
        }
    }

    private void suspend() {
        if (fiber == null) {
            throw new IllegalStateException("Task " + name() + " has ended");
        }
        loop.endings().suspending();
        fiber.suspend();
    }

    private void raiseCancellation() {
        if (mustCancel) {
            mustCancel = false;
            throw new CancelledError(cancelMessage);
        }
    }
}
