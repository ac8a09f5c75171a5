package dev.offloop.process.internal.pool;

import dev.offloop.process.NotTransferableException;
import dev.offloop.process.SessionEndedException;
import dev.offloop.process.WorkerEnd;
import dev.offloop.process.WorkerStartException;
import dev.offloop.process.internal.util.Log;
import dev.offloop.process.internal.wire.FrameTooLargeException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How workers end, and what becomes of their calls.
 *
 * <p>When a process has ended, the status that it shared with the parent decides: a call that it had begun fails,
 * unless it may be repeated; one that it had been sent and never began goes back to the head of the queue. So a worker
 * that dies while it is idle fails no call, and no function runs twice unasked.
 */
final class WorkerEnds {

    /** How long a retired process may take to end before it is killed. */
    static final long RETIRE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How often in a row workers may end before they are ready, and before they have begun a certain call. */
    static final int MAX_FAILED_ATTEMPTS = 3;

    /** Arguments of more than this part of a worker's heap may have filled it. */
    private static final int LARGE_PART = 16;

    private final Pool pool;
    private final PoolState state;

    /** How many workers in a row ended before they were ready. Guarded by the pool's lock. */
    private int failedStarts;

    WorkerEnds(Pool pool) {
        this.pool = pool;
        this.state = pool.state;
    }

    // ---- within a step

    /** Asks a worker that has no call to end in good order. */
    void retire(Worker worker, WorkerEnd why, Effects effects) {
        state.idle.remove(worker);
        if (worker.become(WorkerState.RETIRING)) {
            worker.end = why;
            boolean stoppable = state.options.debugging() && why != WorkerEnd.SHUTDOWN;
            worker.killAt = stoppable ? Platform.NEVER : state.platform.now() + RETIRE_NANOS;
            WorkerLink link = worker.link;
            if (link != null) {
                effects.add(link::retire);
            }
            effects.add(() -> state.platform.wakeAt(worker.killAt));
        }
    }

    /** The pool is shut down: also a worker that was retired while it might be debugged has to end soon. */
    void hasten(Worker worker, Effects effects) {
        if (worker.is(WorkerState.RETIRING) && worker.killAt == Platform.NEVER) {
            worker.killAt = state.platform.now() + RETIRE_NANOS;
            effects.add(() -> state.platform.wakeAt(worker.killAt));
        }
    }

    /** Ends a worker's process. What it had begun fails when that has been seen. */
    void kill(Worker worker, @Nullable WorkerEnd why, Effects effects) {
        if (worker.is(WorkerState.GONE)) {
            return;
        }
        if (worker.end == null) {
            worker.end = why;
        }
        if (worker.is(WorkerState.ENDED)) {
            lose(worker, effects);
            return;
        }
        state.idle.remove(worker);
        worker.killAt = Platform.NEVER;
        WorkerLink link = worker.link;
        if (worker.become(WorkerState.KILLED)) {
            if (link != null) {
                effects.add(link::kill);
            } else {
                if (state.options.debugging()) { // no deadline but this one ends a launch that hangs
                    worker.startDeadline = Math.min(worker.startDeadline, state.platform.now() + RETIRE_NANOS);
                    long deadline = worker.startDeadline;
                    effects.add(() -> state.platform.wakeAt(deadline));
                }
                pool.starter.startStarter(effects); // it may wait for its launch, and nothing else
            }
            if (state.options.spareWorkers() > 0 && worker.wasReady) {
                pool.dispatcher.distribute(effects); // a spare one takes its place now
            }
        }
    }

    void ready() {
        failedStarts = 0;
    }

    // ---- events

    /** The process of a worker has ended, or there is none. */
    void gone(Worker worker, @Nullable Throwable problem) {
        Effects effects = state.enter();
        try {
            if (worker.is(WorkerState.GONE) || worker.is(WorkerState.ENDED)) {
                return;
            }
            if (worker.problem == null) {
                worker.problem = problem;
            }
            if (isBeingRead(worker)) {
                worker.become(WorkerState.ENDED);
                pool.starter.startStarter(effects); // one may have waited for the index
                pool.dispatcher.takeBack(worker); // what it has not begun need not wait for that
                if (worker.wasReady) { // else what is read says whether it is any use to start another worker
                    loseUnwanted(worker, effects);
                    pool.dispatcher.distribute(effects);
                }
            } else {
                lose(worker, effects);
            }
        } finally {
            state.leave(effects);
        }
    }

    /** Whether what a worker has sent before its end, and is still being read, may be the answer to its call. */
    private static boolean isBeingRead(Worker worker) {
        Call<?> head = worker.pipeline.head();
        return worker.mailbox.isRunning()
                && !worker.is(WorkerState.KILLED)
                && (worker.is(WorkerState.INITIALIZING) || (head != null && worker.hasBegun(head)));
    }

    /** What a worker sent cannot be taken: its call fails with that. */
    void unreadable(Worker worker, Throwable problem) {
        Effects effects = state.enter();
        try {
            if (worker.state().isEnding()) {
                return;
            }
            Call<?> call = worker.pipeline.head();
            if (call == null || (problem instanceof FrameTooLargeException frame && call.number != frame.id())) {
                effects.add(
                        () -> warn(worker, "sent what cannot be read (" + problem.getMessage() + ") and is killed"));
            } else {
                worker.pipeline.remove(call);
                effects.complete(() -> call.failed(unreadable(problem)));
            }
            kill(worker, WorkerEnd.PROTOCOL_ERROR, effects);
        } finally {
            state.leave(effects);
        }
    }

    private static NotTransferableException unreadable(Throwable problem) {
        return new NotTransferableException(
                problem instanceof FrameTooLargeException frame
                        ? "The function's result takes " + Sizes.inWords(frame.length()) + ", and a worker may send "
                                + Sizes.inWords(frame.limit()) + " (see Builder.maxResultSize). Its worker was killed"
                        : "The function cannot be sent, or its result received, and its worker was killed: " + problem,
                problem);
    }

    /** Within a step: a worker sent what it may not send now. */
    void violated(Worker worker, String what, Effects effects) {
        String message = "sent " + what + " while it was " + worker.state() + " and is killed";
        worker.details = ", since it " + message;
        effects.add(() -> warn(worker, message));
        kill(worker, WorkerEnd.PROTOCOL_ERROR, effects);
    }

    private void warn(Worker worker, String what) {
        Log.OFFLOOP.log(
                System.Logger.Level.WARNING,
                "Worker process " + worker.pid() + " of the process pool '" + state.options.name() + "' " + what);
    }

    // ---- within a step

    /** Takes a worker that has ended out of the pool if nobody waits for what is still being read of it. */
    void loseUnwanted(Worker worker, Effects effects) {
        if (worker.pipeline.isUnwanted()) {
            lose(worker, effects);
        }
    }

    /** Takes a worker out of the pool, and decides about its calls. */
    void lose(Worker worker, Effects effects) {
        assert state.lock.isHeldByCurrentThread();
        WorkerState was = worker.state();
        if (was == WorkerState.GONE || !worker.become(WorkerState.GONE)) {
            return;
        }
        state.workers.remove(worker);
        state.idle.remove(worker);
        if (worker.mailbox.close()) {
            effects.add(() -> state.platform.abandon(worker.mailbox));
        }
        WorkerLink link = worker.link;
        WorkerLink.Loss loss = link == null ? null : link.loss();
        boolean failedToStart = worker.problem != null || !worker.wasReady;
        count(worker, loss, failedToStart);
        logIfIdle(worker, was, loss, effects);
        boolean counts = worker.problem != null;
        if (failedToStart && worker.end == null && worker.problem == null) {
            counts = (link == null || !link.failedToStart()) && ++failedStarts >= MAX_FAILED_ATTEMPTS;
        }
        decide(worker, loss, effects);
        if (state.options.endsWithWorker() && worker.wasReady) {
            endWith(worker, loss, effects);
        }
        if (counts && state.noneServes()) {
            giveUp(worker, loss, effects);
        } else if (state.phase == PoolState.Phase.STOPPED) {
            state.queue.clear(effects).forEach(call -> effects.complete(call::dropped));
        }
        if (!counts) { // else the workers that still start decide whether any can
            pool.starter.replaceWarm(effects);
            pool.dispatcher.distribute(effects);
        }
        pool.starter.startStarter(effects); // one may have waited for the index
        pool.starter.completeWarmUps(null, effects);
        pool.lifecycle.endIfDone(effects);
    }

    private void count(Worker worker, WorkerLink.@Nullable Loss loss, boolean failedToStart) {
        WorkerEnd why = worker.end;
        if (why == null || failedToStart) {
            why = failedToStart
                    ? WorkerEnd.NOT_STARTED
                    : state.jvmShutsDown
                            ? WorkerEnd.SHUTDOWN
                            : loss != null && (loss.heapWasFull() || loss.exceededLimit())
                                    ? WorkerEnd.OUT_OF_MEMORY
                                    : WorkerEnd.CRASHED;
        }
        state.metrics.hasEnded(why);
        pool.sites.worker(worker, "ended: " + why.name().toLowerCase(Locale.ROOT));
    }

    private void logIfIdle(Worker worker, WorkerState was, WorkerLink.@Nullable Loss loss, Effects effects) {
        if (was == WorkerState.IDLE && loss != null) {
            effects.add(() -> elsewhere(() -> warn(
                    worker,
                    "ended while it was idle: " + loss.inWords()
                            + (state.options.endsWithWorker()
                                    ? ". The session has ended with it"
                                    : ". No call was lost; another worker is started when a call needs it")
                            + loss.report()
                            + loss.lastOutput())));
        }
    }

    /** What becomes of its calls: it may have begun several, whose answers were not read. */
    private void decide(Worker worker, WorkerLink.@Nullable Loss loss, Effects effects) {
        Call<?> head = worker.pipeline.head();
        for (Call<?> call : worker.pipeline.clear()) {
            if (call.isDone()) {
                continue;
            }
            if (call.timedOut) {
                long timeout = pool.dispatcher.timeoutOf(call);
                effects.complete(() -> call.failedInTime(timeout, ""));
            } else if (loss != null && worker.hasBegun(call)) {
                crashed(call, worker, loss, effects);
            } else if (loss != null && call == head) {
                notDelivered(call, worker, loss, effects);
            } else {
                state.queue.add(call, effects); // it waited behind the one that was under way
            }
        }
        pool.dispatcher.depthChanged(worker);
    }

    private void crashed(Call<?> call, Worker worker, WorkerLink.Loss loss, Effects effects) {
        if (++call.crashes > call.options.retriesOnCrash()) {
            fail(call, loss, worker.details + size(call), effects);
        } else {
            state.queue.add(call, effects);
        }
    }

    private void notDelivered(Call<?> call, Worker worker, WorkerLink.Loss loss, Effects effects) {
        boolean large = call.size > heapOf(worker) / LARGE_PART;
        if (loss.exceededLimit() && large) {
            fail(call, loss, ". It had not begun it, but was reading its arguments" + size(call), effects);
        } else if (loss.heapWasFull() && large) {
            String message = "Worker process " + worker.pid() + " ran out of memory while it read a function with "
                    + Sizes.inWords(call.size) + " of arguments: its heap is " + Sizes.inWords(heapOf(worker))
                    + " (see Builder.maxHeap). The call is not repeated";
            effects.complete(() -> call.failed(loss.outOfMemory(message)));
        } else if (++call.failedDeliveries >= MAX_FAILED_ATTEMPTS) {
            fail(call, loss, ", the third in a row before it began this call" + worker.details, effects);
        } else {
            state.queue.add(call, effects);
        }
    }

    private static long heapOf(Worker worker) {
        WorkerLink link = worker.link;
        return link == null ? Long.MAX_VALUE : link.maxHeap();
    }

    private static String size(Call<?> call) {
        return call.size < Sizes.MEBI ? "" : ". Its arguments took " + Sizes.inWords(call.size);
    }

    /** On another thread, since crash reports are files in a folder that the worker could write to. */
    private void fail(Call<?> call, WorkerLink.Loss loss, String details, Effects effects) {
        effects.add(() -> elsewhere(() -> call.failed(loss.crash(details))));
    }

    private void elsewhere(Runnable action) {
        try {
            state.platform.startForeignCode(() -> {
                action.run();
                return false;
            });
        } catch (RuntimeException | OutOfMemoryError noThread) {
            action.run();
        }
    }

    /** The worker kept a state, without which no other can run the calls that wait. */
    private void endWith(Worker worker, WorkerLink.@Nullable Loss loss, Effects effects) {
        List<Call<?>> waiting = state.queue.clear(effects);
        if (state.phase != PoolState.Phase.OPEN && waiting.isEmpty()) {
            return; // in good order
        }
        state.phase = PoolState.Phase.STOPPED;
        String reason = "The session has ended, and its state with it: its worker process " + worker.pid()
                + " has ended, " + (loss == null ? "" : loss.inWords()) + worker.details;
        state.endOfItsWorker = reason;
        effects.complete(() -> waiting.forEach(call -> call.failed(new SessionEndedException(reason, null))));
    }

    /** No worker can be started: all calls that wait fail with the reason. */
    private void giveUp(Worker worker, WorkerLink.@Nullable Loss loss, Effects effects) {
        failedStarts = 0;
        List<Call<?>> calls = state.queue.clear(effects);
        Throwable problem = worker.problem;
        effects.complete(() -> {
            var failure = startFailure(worker, problem, loss);
            calls.forEach(call -> call.failed(failure));
        });
        pool.starter.completeWarmUps(() -> startFailure(worker, problem, loss), effects);
    }

    private WorkerStartException startFailure(
            Worker worker, @Nullable Throwable problem, WorkerLink.@Nullable Loss loss) {
        String what;
        if (problem instanceof WorkerStartException known) {
            what = known.getMessage();
        } else if (problem != null) {
            what = problem.toString();
        } else {
            what = "process " + worker.pid() + " ended before it was ready, " + (loss == null ? "" : loss.inWords());
        }
        return new WorkerStartException(
                "No worker process could be started: " + what + state.platform.commandInWords()
                        + (loss == null ? "" : loss.lastOutput()),
                problem instanceof WorkerStartException known && known.getCause() != null ? known.getCause() : problem);
    }
}
