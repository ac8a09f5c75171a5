package dev.offloop.process.internal.pool;

import dev.offloop.Async;
import dev.offloop.EventLoop;
import dev.offloop.internal.monitor.Site;
import dev.offloop.internal.util.Nanos;
import dev.offloop.process.CallOptions;
import dev.offloop.process.NotTransferableException;
import dev.offloop.process.WorkerEnd;
import dev.offloop.process.internal.util.Log;
import dev.offloop.process.internal.wire.ContextBytes;
import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameType;
import dev.offloop.process.internal.wire.Protocol;
import dev.offloop.process.internal.wire.Reading;
import dev.offloop.process.internal.wire.Values;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which worker runs which call.
 *
 * <p><b>A call</b> goes to the worker that became idle last, else into the queue, and then one more worker is started
 * if there may be. A worker runs one call at a time, and lies on the idle stack, or has its next call, before the
 * future of the last one is completed. Short calls wait for it in its {@link Pipeline}, and come back into the queue
 * when the one before them takes long.
 *
 * <p><b>An answer</b> that is a simple value is read where it arrives. All others may run foreign code when they are
 * read: they go into the worker's {@link Mailbox}, and the worker has its call until that has been done. So reading is
 * within the time of the call, and an answer that cannot be read in time, or at all, holds up its own worker only.
 *
 * <p><b>What a worker sends</b> is foreign input. A frame that does not fit the worker's state gets its process killed.
 *
 * <p>Steps and effects are explained at {@link PoolState}.
 */
final class Dispatcher {

    private static final long UNLIMITED = Long.MAX_VALUE;
    private static final int MAX_FRAMES = 200;

    private final Pool pool;
    private final PoolState state;
    private final PoolOptions options;
    private final Reading reading;

    /** How many workers have a deep pipeline. Guarded by the pool's lock. */
    private int deepPipelines;

    Dispatcher(Pool pool) {
        this.pool = pool;
        this.state = pool.state;
        this.options = state.options;
        this.reading = options.reading();
    }

    // ---- submitting

    /**
     * Takes a call.
     *
     * @param until how long a thread waits for room at the most, on the clock of {@code System.nanoTime()}
     */
    <T extends @Nullable Object> CompletableFuture<T> submit(
            Callable<T> function, CallOptions callOptions, long until) {
        return submit(function, callOptions, until, false);
    }

    /** Takes a call whether there is room for it or not. */
    CompletableFuture<?> submitAnyway(Callable<?> function) {
        return submit(function, CallOptions.DEFAULT, UNLIMITED, true);
    }

    private <T extends @Nullable Object> CompletableFuture<T> submit(
            Callable<T> function, CallOptions callOptions, long until, boolean anyway) {
        long submitted = state.platform.now();
        Values.Written written;
        byte[] context;
        int memoryShared = Values.memoryShared();
        long begin = System.nanoTime();
        try {
            written = Values.writeFunction(function, options.writing());
            context = ContextBytes.capture();
        } catch (NotTransferableException e) {
            return CompletableFuture.failedFuture(new NotTransferableException(
                    "The function cannot be sent to a worker process: " + e.getMessage(), e.getCause()));
        }
        long encodeNanos = System.nanoTime() - begin;
        Site site = pool.sites.submitted(function, written);
        var call = new Call<T>(submitted, callOptions, this, written, context, site, encodeNanos);
        if (Values.memoryShared() != memoryShared) { // or another thread's function has some
            call.keep(function);
        }
        CallQueue.Turn turn = admit(call, null, anyway);
        while (turn != null) {
            await(turn, until);
            turn = admit(call, turn, anyway);
        }
        return call;
    }

    /**
     * Takes a call, if there is room.
     *
     * @param turn what the submitter has waited for; null at first
     * @param anyway whether the call needs no room
     * @return what to wait for before the next try; null when the call was taken
     * @throws RejectedExecutionException if the pool was shut down, or there is no room and the submitter does not wait
     */
    CallQueue.@Nullable Turn admit(Call<?> call, CallQueue.@Nullable Turn turn, boolean anyway) {
        Effects effects = state.enter();
        try {
            boolean waited = turn != null;
            if (turn != null) {
                state.queue.comeBack(turn);
            }
            state.checkOpen();
            state.prioritiesMatter |= call.options.priority() != 0;
            Worker worker = state.mayServe() ? state.idle.peekLast() : null;
            if (worker == null) {
                if (!anyway && !state.queue.hasRoomFor(waited)) {
                    return waitForRoom(waited);
                }
                call.id = state.nextCall();
                state.queue.add(call, effects);
                pool.starter.startIfUseful(state.queue.size(), effects);
                return null;
            }
            call.id = state.nextCall();
            if (waited) {
                state.queue.wakeSubmitter(effects); // this one does not need the room that was kept for it
            }
            List<Outgoing> batch = assign(worker, call, effects);
            if (!batch.isEmpty()) {
                state.idle.removeLast();
                worker.become(WorkerState.BUSY);
                send(worker, batch, effects);
                pool.starter.startIfUseful(state.queue.size(), effects); // it may have been the spare one
            }
            return null;
        } finally {
            state.leave(effects);
        }
    }

    private CallQueue.Turn waitForRoom(boolean again) {
        if (!options.blockWhenFull()) {
            throw new RejectedExecutionException("The process pool '" + options.name() + "' has " + state.queue.size()
                    + " calls waiting, those among them whose worker still starts, which is all that it may have (see"
                    + " Builder.maxQueued, and blockWhenFull to wait for room)");
        }
        if (state.platform.isOwnThread()) {
            throw new RejectedExecutionException("The process pool's own thread cannot wait for room in its queue");
        }
        return state.queue.waitForRoom(again);
    }

    /** A thread waits, a task of an event loop awaits. */
    private void await(CallQueue.Turn turn, long until) {
        boolean came = false;
        try {
            if (EventLoop.isOnLoop()) {
                Async.await(turn);
            } else if (until == UNLIMITED) {
                turn.get();
            } else {
                turn.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
            came = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RejectedExecutionException("Interrupted while waiting for room in the pool's queue", e);
        } catch (TimeoutException e) {
            throw new RejectedExecutionException("There was no room in the pool's queue in time", e);
        } catch (Exception e) {
            throw new RejectedExecutionException(
                    "The pool's queue is full, and this cannot wait for room: " + e.getMessage(), e);
        } finally {
            if (!came) {
                giveUp(turn);
            }
        }
    }

    void giveUp(CallQueue.Turn turn) {
        Effects effects = state.enter();
        try {
            state.queue.giveUp(turn, effects);
        } finally {
            state.leave(effects);
        }
    }

    // ---- cancelling

    /** A call's future was ended by a user. */
    void cancelled(Call<?> call, boolean mayInterrupt) {
        Effects effects = state.enter();
        try {
            Worker worker = call.worker;
            if (worker == null) {
                state.queue.cancelledOne(effects);
                return;
            }
            if (worker.is(WorkerState.ENDED)) {
                pool.ends.loseUnwanted(worker, effects);
                return;
            }
            takeBack(worker); // this one too if it has not begun; it is done, so no worker will get it
            call.interrupted = mayInterrupt;
            if (worker.pipeline.isEmpty()) {
                advance(worker, null, effects);
            } else if (worker.pipeline.head() == call && mayInterrupt && worker.is(WorkerState.BUSY)) {
                cancelHead(worker, state.platform.now(), effects);
            } // else the answer of the one before it has to be read first
            distribute(effects);
        } finally {
            state.leave(effects);
        }
    }

    // ---- for those who look at the program

    /** Where a call is, in words. */
    String placeOf(Call<?> call) {
        state.lock.lock();
        try {
            Worker worker = call.worker;
            String where = worker != null && worker.pipeline.head() == call
                    ? "runs in worker " + worker.number + " (pid " + worker.pid() + ") of "
                    : "waits for a worker of ";
            return where + pool.nameInWords();
        } finally {
            state.lock.unlock();
        }
    }

    /** Asks the worker of a call where its function is. */
    CompletableFuture<List<String>> sample(Call<?> call) {
        Effects effects = state.enter();
        try {
            Worker worker = call.worker;
            WorkerLink link = worker == null ? null : worker.link;
            if (worker == null || link == null || worker.pipeline.head() != call) {
                return CompletableFuture.completedFuture(List.of());
            }
            CompletableFuture<List<String>> sample = call.sample;
            if (sample == null) {
                sample = new CompletableFuture<>();
                call.sample = sample;
                long number = call.number;
                effects.add(() -> link.sample(number));
            }
            return sample;
        } finally {
            state.leave(effects);
        }
    }

    private static void sampled(Worker worker, Frame frame, Effects effects) {
        Call<?> head = worker.pipeline.head();
        CompletableFuture<List<String>> sample = head != null && head.number == frame.id() ? head.sample : null;
        if (head != null && sample != null) {
            head.sample = null;
            String text = new String(frame.payload(), StandardCharsets.UTF_8);
            effects.complete(
                    () -> sample.complete(text.lines().limit(MAX_FRAMES).toList()));
        } // else the call has ended, or nobody has asked
    }

    // ---- within a step

    /** Asks a worker's call to end; if it has not after the grace, the process is killed. */
    void cancelHead(Worker worker, long now, Effects effects) {
        Call<?> head = worker.pipeline.head();
        WorkerLink link = worker.link;
        if (head == null || link == null || !worker.become(WorkerState.CANCELLING)) {
            return;
        }
        worker.killAt = Nanos.after(now, options.cancelGrace());
        takeBack(worker);
        long number = head.number;
        effects.add(() -> link.cancel(number));
        effects.add(() -> state.platform.wakeAt(worker.killAt));
    }

    /** Takes back what a worker has not begun. Returns whether that was anything. */
    boolean takeBack(Worker worker) {
        WorkerLink link = worker.link;
        List<Call<?>> back = link == null ? List.of() : worker.pipeline.takeBack(link);
        state.queue.addAll(back);
        depthChanged(worker);
        return !back.isEmpty();
    }

    /** Gives calls that have come back to workers that have nothing to do. */
    void distribute(Effects effects) {
        while (!state.queue.isEmpty() && !state.idle.isEmpty() && state.mayServe()) {
            Worker worker = state.idle.getLast();
            List<Outgoing> batch = fill(worker, effects);
            if (worker.pipeline.isEmpty()) {
                break;
            }
            state.idle.removeLast();
            worker.become(WorkerState.BUSY);
            send(worker, batch, effects);
        }
        pool.starter.startIfUseful(state.queue.size(), effects);
    }

    /**
     * A worker has answered a call, or has nothing to do: gives it its next calls, or lets it be idle, or retires it.
     */
    void advance(Worker worker, @Nullable WorkerEnd tooLarge, Effects effects) {
        if (worker.state().isEnding()) {
            return;
        }
        WorkerEnd worn = worker.callsDone >= options.maxTasks() ? WorkerEnd.MAX_TASKS : tooLarge;
        boolean serves = worn == null && (!worker.pipeline.isEmpty() || state.mayServe());
        List<Outgoing> batch = serves ? fill(worker, effects) : List.of();
        if (!worker.pipeline.isEmpty()) {
            worker.become(WorkerState.BUSY);
            send(worker, batch, effects);
        } else if (worn == null && state.phase == PoolState.Phase.OPEN) {
            worker.become(WorkerState.IDLE);
            worker.idleSince = state.platform.now();
            state.idle.addLast(worker);
            if (state.idle.size() == options.spareWorkers() + 1) {
                long until = Nanos.after(state.idle.getFirst().idleSince, options.idleTimeout());
                effects.add(() -> state.platform.wakeAt(until));
            }
        } else {
            pool.ends.retire(worker, worn == null ? WorkerEnd.SHUTDOWN : worn, effects);
            distribute(effects); // to a spare one, or to one that is started now
        }
    }

    /** Moves calls from the queue to a worker's pipeline, as many as are worth it and no more than its share. */
    private List<Outgoing> fill(Worker worker, Effects effects) {
        int room = state.prioritiesMatter || options.watchesMemory()
                ? (worker.pipeline.isEmpty() ? 1 : 0)
                : worker.pipeline.room();
        int share = Math.max(1, state.queue.size() / Math.max(1, state.workers.size()));
        int most = Math.min(Math.min(room, share), options.maxTasks() - worker.callsDone - worker.pipeline.size());
        List<Outgoing> batch = new ArrayList<>(Math.max(0, most));
        while (batch.size() < most) {
            Call<?> call = state.queue.poll(effects);
            if (call == null) {
                break;
            }
            batch.addAll(assign(worker, call, effects));
        }
        if (worker.pipeline.hasWaiting() && !batch.isEmpty()) {
            long until = worker.pipeline.slowAt();
            effects.add(() -> state.platform.wakeAt(until));
        }
        return batch;
    }

    /**
     * Puts a call into a worker's pipeline. Returns what is to be sent: nothing for a call that was cancelled just now,
     * since what a worker does not hear of must not be in its pipeline, and nothing for one that does not fit into its
     * heap.
     */
    private List<Outgoing> assign(Worker worker, Call<?> call, Effects effects) {
        WorkerLink link = worker.link;
        if (link == null || refuses(link, call, effects)) {
            return List.of();
        }
        long now = state.platform.now();
        worker.pipeline.add(call, worker, now);
        Outgoing outgoing = call.outgoing();
        if (outgoing == null) {
            worker.pipeline.remove(call);
            return List.of();
        }
        if (worker.pipeline.size() == 1) {
            headBegins(worker, now, effects);
        }
        depthChanged(worker);
        return List.of(outgoing);
    }

    /** A function that is larger than a worker's heap would end the worker: it is not sent. */
    private boolean refuses(WorkerLink link, Call<?> call, Effects effects) {
        if (call.size < Sizes.MEBI || call.size < link.maxHeap()) {
            return false;
        }
        String message = "The function was not sent to worker process " + link.pid()
                + ", which would run out of memory: its arguments take " + Sizes.inWords(call.size)
                + ", and the heap of a worker is " + Sizes.inWords(link.maxHeap()) + " (see Builder.maxHeap)";
        effects.complete(() -> call.failed(link.loss().outOfMemory(message)));
        return true;
    }

    /** The first call of a worker's pipeline is another than before. */
    void headBegins(Worker worker, long now, Effects effects) {
        Call<?> head = worker.pipeline.head();
        worker.killAt = Platform.NEVER;
        worker.callDeadline = head == null ? Platform.NEVER : Nanos.after(now, timeoutOf(head));
        worker.cpuBudget = CpuBudget.of(pool, worker, head, now, effects);
        if (head != null) {
            state.metrics.hasWaited(head, now);
            if (worker.callDeadline != Platform.NEVER) {
                long deadline = worker.callDeadline;
                effects.add(() -> state.platform.wakeAt(deadline));
            }
        }
    }

    long timeoutOf(Call<?> call) {
        Duration own = options.debugging() ? null : call.options.timeout();
        return own == null ? options.callTimeout() : Nanos.of(own);
    }

    void depthChanged(Worker worker) {
        boolean deep = worker.pipeline.isDeep();
        if (deep != worker.deep) {
            worker.deep = deep;
            deepPipelines += deep ? 1 : -1;
            state.platform.streaming(deepPipelines > 0);
        }
    }

    void send(Worker worker, List<Outgoing> batch, Effects effects) {
        WorkerLink link = worker.link;
        if (link != null && !batch.isEmpty()) {
            effects.add(() -> {
                try {
                    link.send(batch);
                } catch (Throwable t) { // no memory: the worker may have received half of it
                    pool.ends.unreadable(worker, t);
                }
            });
        }
    }

    // ---- what a worker has sent

    /** A frame has arrived, on the I/O thread. */
    void received(Worker worker, Frame frame) {
        long memory = Mailbox.isAnswer(frame) ? residentMemory(worker) : 0;
        Effects effects = state.enter();
        try {
            if (worker.is(WorkerState.RETIRING) || (worker.state().isEnding() && !Mailbox.isOfCall(frame))) {
                return; // its calls were dropped, or this does not matter any more
            }
            switch (frame.type()) {
                case RESULT, FAILURE -> answered(worker, frame, memory, effects);
                case PROGRESS -> progressed(worker, frame, effects);
                case DUMP -> dumped(worker, frame, effects);
                case SAMPLE -> sampled(worker, frame, effects);
                default -> pool.ends.violated(worker, "a frame of type " + frame.type(), effects);
            }
        } finally {
            state.leave(effects);
        }
    }

    private void answered(Worker worker, Frame frame, long memory, Effects effects) {
        if (frame.id() == Protocol.INITIALIZER && worker.is(WorkerState.INITIALIZING)) {
            if (frame.type() == FrameType.RESULT) {
                pool.starter.ready(worker, effects);
            } else {
                read(worker, frame, effects);
            }
            return;
        }
        if (!worker.pipeline.isNextAnswer(frame.id())) {
            if (!worker.state().isEnding()) {
                pool.ends.violated(worker, "an answer to a call that it does not run", effects);
            }
            return;
        }
        Call<?> call = worker.pipeline.head();
        if (worker.mailbox.isRunning()) {
            read(worker, frame, effects); // after those before it
        } else if (call != null
                && call.number == frame.id()
                && !worker.mailbox.isClosed()) { // else one before it is lost
            boolean wanted = !call.isDone() && !call.timedOut;
            if (!wanted || (frame.type() == FrameType.RESULT && Values.isPlain(frame.payload()))) {
                headAnswered(worker, call, frame, memory, effects);
            } else {
                read(worker, frame, effects);
            }
        }
    }

    private void progressed(Worker worker, Frame frame, Effects effects) {
        Call<?> head = worker.pipeline.head();
        boolean runs = worker.pipeline.isRunning(frame.id());
        if (runs && (worker.mailbox.isRunning() || (head != null && head.number == frame.id() && head.listens()))) {
            read(worker, frame, effects);
        } else if (worker.is(WorkerState.STARTING)) {
            pool.ends.violated(worker, "progress", effects);
        } // else it comes from a thread that a function has left behind, or there is no listener
    }

    private void dumped(Worker worker, Frame frame, Effects effects) {
        String dump = new String(frame.payload(), StandardCharsets.UTF_8);
        Call<?> head = worker.pipeline.head();
        if (frame.id() == Protocol.INITIALIZER && worker.is(WorkerState.INITIALIZING)) {
            pool.starter.hungAt(worker, dump, effects);
        } else if (worker.pipeline.isRunning(frame.id()) // so it has begun it, whatever its status says later
                && head != null
                && head.number == frame.id()
                && head.timedOut) {
            long timeout = timeoutOf(head);
            effects.complete(() -> head.failedInTime(timeout, dump));
        } // else the call ended at the same time
    }

    /** Has a frame read by a thread that may run foreign code. */
    private void read(Worker worker, Frame frame, Effects effects) {
        if (worker.mailbox.add(frame, effects)) {
            effects.add(() -> {
                try {
                    state.platform.startForeignCode(worker.mailbox);
                } catch (RejectedExecutionException | OutOfMemoryError noThread) {
                    unread(worker, noThread);
                }
            });
        }
    }

    /** No thread can be had to read what a worker has sent. */
    private void unread(Worker worker, Throwable noThread) {
        Effects effects = state.enter();
        try {
            worker.mailbox.close();
            var _ = worker.mailbox.next(effects); // there is none: ends the run
            if (worker.is(WorkerState.ENDED)) {
                pool.ends.lose(worker, effects);
            }
        } finally {
            state.leave(effects);
        }
        pool.ends.unreadable(worker, noThread);
    }

    /** The first call of a worker has an answer that is plain, or is not wanted any more. */
    private void headAnswered(Worker worker, Call<?> call, Frame frame, long memory, Effects effects) {
        removeHead(worker, frame.times(), 0, memory, effects);
        endHead(call, () -> Call.read(frame, reading), effects);
    }

    private void endHead(Call<?> call, Supplier<Call.Outcome> outcome, Effects effects) {
        if (call.timedOut) {
            long timeout = timeoutOf(call);
            effects.complete(() -> call.failedInTime(timeout, ""));
        } else if (!call.isDone()) {
            effects.complete(() -> call.end(outcome.get()));
        }
    }

    private void removeHead(Worker worker, Frame.Times times, long decodeNanos, long memory, Effects effects) {
        long now = state.platform.now();
        state.metrics.hasRun(worker, now);
        Call<?> head = worker.pipeline.head();
        if (head != null) {
            pool.sites.answered(head, times, decodeNanos, now);
        }
        worker.pipeline.removeHead(now);
        headBegins(worker, now, effects);
        worker.callsDone++;
        depthChanged(worker);
        Call<?> next = worker.pipeline.head();
        if (next != null && next.interrupted && worker.state().isServing()) {
            cancelHead(worker, now, effects);
            distribute(effects);
        } else {
            advance(worker, tooLarge(worker, memory), effects);
        }
    }

    private long residentMemory(Worker worker) {
        WorkerLink link = worker.link;
        return options.watchesMemory() && link != null ? link.residentMemory() : 0;
    }

    /** Null if it is not. */
    private @Nullable WorkerEnd tooLarge(Worker worker, long memory) {
        if (!options.watchesMemory()) {
            return null;
        }
        if (memory > options.maxRss()) {
            return WorkerEnd.MAX_RSS;
        }
        return worker.growth.after(memory) > options.maxRssGrowth() ? WorkerEnd.RSS_GROWTH : null;
    }

    // ---- on a thread for foreign code

    /** Takes the next frame out of a worker's mailbox. Returns null if there is none: then the run is over. */
    Mailbox.@Nullable Taken takeNext(Worker worker) {
        Effects effects = state.enter();
        try {
            Frame frame = worker.mailbox.next(effects);
            if (frame != null) {
                Call<?> head = worker.pipeline.head();
                return new Mailbox.Taken(frame, head != null && head.number == frame.id() ? head : null);
            }
            if (worker.is(WorkerState.ENDED)) {
                pool.ends.lose(worker, effects);
            }
            return null;
        } finally {
            state.leave(effects);
        }
    }

    /** Reads a frame that was taken out of a worker's mailbox. */
    void readTaken(Worker worker, Mailbox.Taken taken) {
        Frame frame = taken.frame();
        Call<?> call = taken.call();
        if (frame.type() == FrameType.PROGRESS) {
            if (call != null) {
                tell(call, frame);
            }
        } else if (frame.id() == Protocol.INITIALIZER) {
            pool.starter.initializerFailed(worker, Call.read(frame, reading).failure());
        } else if (call != null) {
            long begin = System.nanoTime();
            Call.Outcome outcome = call.isDone() ? Call.Outcome.UNWANTED : Call.read(frame, reading);
            headRead(worker, call, outcome, frame.times(), System.nanoTime() - begin);
        }
    }

    private void tell(Call<?> call, Frame frame) {
        Consumer<@Nullable Object> listener = call.options.progressListener();
        if (listener == null || call.isDone()) {
            return;
        }
        try {
            listener.accept(reading.of(frame));
        } catch (Throwable e) { // the user's; the call goes on
            Log.OFFLOOP.log(System.Logger.Level.ERROR, "A listener to a function's progress failed", e);
        }
    }

    /** The answer to a worker's first call was read: the call ends, unless it was lost with its worker meanwhile. */
    private void headRead(Worker worker, Call<?> call, Call.Outcome outcome, Frame.Times times, long decodeNanos) {
        long memory = residentMemory(worker);
        Effects effects = state.enter();
        try {
            if (worker.pipeline.head() == call) {
                removeHead(worker, times, decodeNanos, memory, effects);
                endHead(call, () -> outcome, effects);
                if (worker.is(WorkerState.ENDED)) {
                    pool.ends.loseUnwanted(worker, effects); // the calls behind it may have been cancelled meanwhile
                }
            }
        } finally {
            state.leave(effects);
        }
    }
}
