package dev.offloop.process;

import dev.offloop.process.wire.Frame;
import dev.offloop.process.wire.FrameType;
import dev.offloop.process.wire.Marshal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Decides which worker runs which call.
 *
 * <p><b>A call</b> goes to the worker that became idle last, else into the queue, and then one more worker is started if
 * there may be. A worker runs one call at a time, and lies down on the idle stack, or has its next call, before the
 * future of the last one is completed.
 *
 * <p><b>A worker's end</b> is decided by its {@link dev.offloop.process.wire.WorkerNote note}: a call that it had begun
 * fails, one that it had been sent and never read goes back to the head of the queue. So a worker that died while it was
 * idle fails nobody, and no function runs twice.
 *
 * <p><b>Threads.</b> One lock guards the queue, the workers and their calls. It is held for a few steps, never while
 * something is read, written or started, and never while a future is completed, which runs other people's code.
 */
final class Dispatcher implements Switchboard.Listener {

    private enum Phase {
        /** Takes calls. */
        OPEN,
        /** Runs the calls it has. */
        DRAINING,
        /** Runs nothing any more; waits for the processes to end. */
        STOPPED
    }

    private static final System.Logger LOG = System.getLogger("dev.offloop");
    private static final long NO_DEADLINE = Long.MAX_VALUE;
    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How often in a row workers may end before they are ready, and before they have read a certain call. */
    private static final int MAX_BAD_LUCK = 3;

    /** From so many cancelled calls in the queue on it is worth looking for them. */
    private static final int MANY_CANCELLED = 1000;

    private final String name;
    private final int maxWorkers;
    private final List<String> command;
    private final @Nullable Duration callTimeout;
    private final ClassLoader loader;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Call<?>> queue = new ArrayDeque<>();
    private final ArrayDeque<Worker> idle = new ArrayDeque<>();
    private final Set<Worker> workers = new LinkedHashSet<>();
    private final ArrayDeque<Worker> toStart = new ArrayDeque<>();
    private volatile @Nullable Switchboard switchboard;
    private boolean starterRuns;
    private Phase phase = Phase.OPEN;
    private long calls;
    private long workersMade;
    private int badStarts;
    private int cancelledInQueue;

    Dispatcher(String name, int maxWorkers, List<String> command, @Nullable Duration callTimeout) {
        this.name = name;
        this.maxWorkers = maxWorkers;
        this.command = command;
        this.callTimeout = callTimeout;
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        this.loader = context != null ? context : ClassLoader.getSystemClassLoader();
    }

    // ---- from any thread

    <T extends @Nullable Object> CompletableFuture<T> submit(Callable<T> function) {
        byte[] bytes;
        try {
            bytes = Marshal.write(function);
        } catch (NotTransferableException e) {
            return CompletableFuture.failedFuture(new NotTransferableException(
                    "The function cannot be sent to a worker process: " + e.getMessage(), e.getCause()));
        }
        Call<T> call;
        Worker worker;
        lock.lock();
        try {
            if (phase != Phase.OPEN) {
                throw new RejectedExecutionException("The process pool '" + name + "' has been shut down");
            }
            call = new Call<>(++calls, this, bytes);
            worker = idle.pollLast();
            if (worker == null) {
                queue.addLast(call);
                startWorkerIfUseful();
                return call;
            }
            assign(worker, call);
        } finally {
            lock.unlock();
        }
        send(worker, call);
        return call;
    }

    void cancelled(Call<?> call, boolean mayStop) {
        lock.lock();
        try {
            Worker runner = workers.stream()
                    .filter(worker -> worker.call == call)
                    .findFirst()
                    .orElse(null);
            if (runner == null) {
                removeCancelled();
            } else if (mayStop) {
                end(runner);
            }
        } finally {
            lock.unlock();
        }
    }

    void shutdown() {
        List<Worker> free = new ArrayList<>();
        lock.lock();
        try {
            if (phase != Phase.OPEN) {
                return;
            }
            phase = Phase.DRAINING;
            for (Worker worker = idle.pollLast(); worker != null; worker = idle.pollLast()) {
                worker.ending = true;
                free.add(worker);
            }
            if (queue.isEmpty()) {
                workers.stream().filter(worker -> worker.channel() == null).forEach(Dispatcher::end);
            }
            endIfDone();
        } finally {
            lock.unlock();
        }
        free.forEach(this::stop);
    }

    List<Call<?>> shutdownNow() {
        List<Call<?>> waiting = new ArrayList<>();
        List<Call<?>> running = new ArrayList<>();
        lock.lock();
        try {
            phase = Phase.STOPPED;
            queue.stream().filter(call -> !call.isDone()).forEach(waiting::add);
            queue.clear();
            idle.clear();
            for (Worker worker : workers) {
                Call<?> call = worker.call;
                if (call != null) {
                    running.add(call);
                    worker.call = null;
                }
                end(worker);
            }
            endIfDone();
        } finally {
            lock.unlock();
        }
        waiting.forEach(Call::dropped);
        running.forEach(Call::dropped);
        return waiting;
    }

    boolean isShutdown() {
        lock.lock();
        try {
            return phase != Phase.OPEN;
        } finally {
            lock.unlock();
        }
    }

    boolean isTerminated() {
        lock.lock();
        try {
            return ended();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the end.
     *
     * @throws IllegalStateException on the I/O thread, which has to bring the end about
     */
    boolean awaitTermination(long nanos) throws InterruptedException {
        Switchboard switchboard = this.switchboard;
        if (switchboard != null && switchboard.isCurrent()) {
            throw new IllegalStateException("A function that depends on a result, such as one given to thenApply, must"
                    + " not wait for the pool: it runs on the pool's own thread. Use thenApplyAsync");
        }
        long left = nanos;
        lock.lock();
        try {
            while (!ended()) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Which workers run a call, in words. */
    List<String> busy() {
        lock.lock();
        try {
            return workers.stream()
                    .filter(worker -> worker.call != null)
                    .map(worker -> "worker process " + worker.pid())
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** When the JVM ends: the workers would see it too, a little later. */
    void killAll() {
        lock.lock();
        try {
            phase = Phase.STOPPED;
            workers.forEach(Worker::kill);
            if (switchboard != null) {
                switchboard.deleteFolder();
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- under the lock

    /** A cancelled call stays in the queue until it comes to its head, unless there are many of them. */
    private void removeCancelled() {
        if (++cancelledInQueue > Math.max(MANY_CANCELLED, queue.size() / 2)) {
            queue.removeIf(Call::isDone);
            cancelledInQueue = 0;
        }
    }

    private boolean ended() {
        return phase != Phase.OPEN && queue.isEmpty() && workers.isEmpty() && switchboard == null;
    }

    /** After the last worker the switchboard ends, and after that the pool has. */
    private void endIfDone() {
        if (phase != Phase.OPEN && queue.isEmpty() && workers.isEmpty()) {
            if (switchboard != null) {
                switchboard.close();
            } else {
                ShutdownHook.remove(this);
            }
        }
        changed.signalAll();
    }

    private void assign(Worker worker, Call<?> call) {
        worker.call = call;
        worker.callDeadline = callTimeout == null ? NO_DEADLINE : System.nanoTime() + callTimeout.toNanos();
    }

    private static void end(Worker worker) {
        worker.ending = true;
        worker.kill();
    }

    private @Nullable Call<?> nextCall() {
        Call<?> call = queue.pollFirst();
        while (call != null && call.isDone()) { // cancelled while it waited
            call = queue.pollFirst();
        }
        return call;
    }

    private void startWorkerIfUseful() {
        long coming = workers.stream()
                .filter(worker -> worker.call == null && !worker.ending)
                .count();
        long staying = workers.stream().filter(worker -> !worker.ending).count();
        if (coming < queue.size() && staying < maxWorkers) {
            var worker = new Worker(++workersMade);
            workers.add(worker);
            toStart.add(worker);
            if (!starterRuns) {
                startStarter();
            }
        }
    }

    /** Where no thread is to be had, one that is there already has to do it. */
    private void startStarter() {
        starterRuns = true;
        try {
            Thread.ofPlatform().daemon().name(name + "-starter").start(this::startWorkers);
        } catch (OutOfMemoryError noThread) {
            var _ = CompletableFuture.runAsync(this::startWorkers);
        }
    }

    // ---- the starter thread, which lives while there is something to start

    private void startWorkers() {
        for (Worker worker = nextToStart(); worker != null; worker = nextToStart()) {
            try {
                switchboard().start(worker);
            } catch (Throwable t) { // a path that is none, no more threads: the calls must hear of it
                gone(worker, t);
            }
        }
    }

    private @Nullable Worker nextToStart() {
        lock.lock();
        try {
            Worker worker = toStart.poll();
            while (worker != null && worker.ending) { // the pool was closed before it came to this
                workers.remove(worker);
                endIfDone();
                worker = toStart.poll();
            }
            starterRuns = worker != null;
            return worker;
        } finally {
            lock.unlock();
        }
    }

    private Switchboard switchboard() throws IOException {
        lock.lock();
        try {
            Switchboard open = switchboard;
            if (open == null) {
                open = new Switchboard(name, command, this);
                switchboard = open;
            }
            return open;
        } finally {
            lock.unlock();
        }
    }

    // ---- on the I/O thread

    private void send(Worker worker, Call<?> call) {
        byte[] function = call.function();
        Switchboard switchboard = this.switchboard;
        if (function == null || switchboard == null) {
            next(worker, call); // cancelled just now: the worker has not heard of it
            return;
        }
        try {
            switchboard.send(worker, new Frame(FrameType.CALL, call.id, function));
        } catch (Throwable t) { // no memory: the worker may have heard half of it
            unreadable(worker, t);
            return;
        }
        if (callTimeout != null) {
            switchboard.wakeUp();
        }
    }

    private void stop(Worker worker) {
        Switchboard switchboard = this.switchboard;
        if (switchboard != null) {
            worker.killAt = System.nanoTime() + STOP_NANOS;
            switchboard.send(worker, new Frame(FrameType.STOP, 0, new byte[0]));
            switchboard.wakeUp(); // to look at the time it has
        }
    }

    @Override
    public void connected(Worker worker) {
        badStarts = 0;
        next(worker, null);
    }

    /** Gives a worker that has nothing to do its next call, or lets it rest, or end. */
    private void next(Worker worker, @Nullable Call<?> ended) {
        Call<?> call = null;
        boolean stop = false;
        lock.lock();
        try {
            if (worker.call == ended) {
                worker.call = null;
            }
            if (worker.ending) {
                return;
            }
            call = nextCall();
            if (call != null) {
                assign(worker, call);
            } else if (phase == Phase.OPEN) {
                idle.addLast(worker);
            } else {
                worker.ending = true;
                stop = true;
            }
        } finally {
            lock.unlock();
        }
        if (call != null) {
            send(worker, call);
        } else if (stop) {
            stop(worker);
        }
    }

    @Override
    public void answered(Worker worker, Frame frame) {
        Call<?> call = worker.call;
        if (call == null || call.id != frame.id()) {
            return; // it was cancelled, and its worker is about to end
        }
        try {
            next(worker, call);
        } finally {
            call.answered(frame, loader);
        }
    }

    @Override
    public void unreadable(Worker worker, Throwable problem) {
        Call<?> call = worker.call;
        lock.lock();
        try {
            worker.call = null;
            end(worker);
        } finally {
            lock.unlock();
        }
        if (call != null) {
            call.failed(new NotTransferableException(
                    "The function cannot be sent, or its result received, and its worker was ended: " + problem,
                    problem));
        }
    }

    @Override
    public void closed() {
        lock.lock();
        try {
            switchboard = null;
            ShutdownHook.remove(this);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void gone(Worker worker, @Nullable Throwable problem) {
        Call<?> lost = null;
        Call<?> again = null;
        Worker helper = null;
        List<Call<?>> unstartable = new ArrayList<>();
        lock.lock();
        try {
            workers.remove(worker);
            idle.remove(worker);
            Call<?> call = worker.call;
            worker.call = null;
            boolean bad =
                    problem != null || (worker.channel() == null && !worker.ending && ++badStarts >= MAX_BAD_LUCK);
            worker.ending = true; // a thread that still has it in hand must not give it another call
            if (call != null && !call.isDone()) {
                if (worker.hasBegun(call) || ++call.unluckyWorkers >= MAX_BAD_LUCK) {
                    lost = call;
                } else {
                    queue.addFirst(call);
                }
            }
            boolean noneLeft = workers.stream().allMatch(other -> other.ending);
            if (phase == Phase.STOPPED || (noneLeft && bad)) {
                unstartable.addAll(queue);
                queue.clear();
                badStarts = 0;
            } else {
                helper = queue.isEmpty() ? null : idle.pollLast();
                again = helper == null ? null : nextCall();
                if (helper != null && again != null) {
                    assign(helper, again);
                } else if (helper != null) {
                    idle.addLast(helper);
                } else if (!bad) {
                    startWorkerIfUseful();
                }
            }
            endIfDone();
        } finally {
            lock.unlock();
        }
        if (helper != null && again != null) {
            send(helper, again);
        }
        if (lost != null) {
            lost.failed(new WorkerCrashedException(worker.pid(), worker.exitStatus()));
        }
        if (!unstartable.isEmpty()) {
            var failure = startFailure(worker, problem);
            unstartable.forEach(call -> call.failed(failure));
        }
    }

    private WorkerStartException startFailure(Worker worker, @Nullable Throwable problem) {
        String what = problem != null
                ? problem.toString()
                : "process " + worker.pid() + " ended before it was ready, "
                        + worker.exitStatus().inWords() + "; its error stream is this process's";
        return new WorkerStartException(
                "No worker process could be started: " + what + ". The command was: " + String.join(" ", command),
                problem);
    }

    /** Ends the workers whose call takes too long, and those who do not end when they are told. */
    @Override
    public long tick(long now) {
        long next = NO_DEADLINE;
        List<Call<?>> late = new ArrayList<>();
        lock.lock();
        try {
            for (Worker worker : workers) {
                Call<?> call = worker.call;
                if (call != null && worker.callDeadline <= now) {
                    worker.call = null;
                    end(worker);
                    late.add(call);
                } else if (call != null) {
                    next = Math.min(next, worker.callDeadline);
                } else if (worker.killAt <= now) {
                    worker.kill();
                } else {
                    next = Math.min(next, worker.killAt);
                }
            }
        } finally {
            lock.unlock();
        }
        for (Call<?> call : late) {
            call.failed(new TimeoutException(
                    "The function did not end within " + callTimeout + ": its worker was stopped"));
        }
        return next;
    }

    void warnOf(List<String> busy, Duration after) {
        LOG.log(
                System.Logger.Level.WARNING,
                "The process pool '" + name + "' was closed, and after " + after + " these still ran a function: "
                        + String.join(", ", busy) + ". They are ended");
    }
}
