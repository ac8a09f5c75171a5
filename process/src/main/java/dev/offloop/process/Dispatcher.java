package dev.offloop.process;

import dev.offloop.process.wire.ContextBytes;
import dev.offloop.process.wire.Frame;
import dev.offloop.process.wire.FrameType;
import dev.offloop.process.wire.Handshake;
import dev.offloop.process.wire.Reading;
import dev.offloop.process.wire.Values;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * Decides which worker runs which call.
 *
 * <p><b>A call</b> goes to the worker that became idle last, else into the queue, and then one more worker is started if
 * there may be. A worker runs one call at a time, and lies down on the idle stack, or has its next call, before the
 * future of the last one is completed. Short calls wait for it in its {@link Pipeline}, and come back into the queue when the
 * one before them takes long.
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

    private static final long NO_DEADLINE = Long.MAX_VALUE;
    private static final long INITIALIZER = 0;

    /** A call that others wait behind is long after so much time. */
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** A worker that has not begun a call after so much time never will: somebody has stopped its process, say. */
    private static final long DEAF_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long DEFAULT_HEARTBEAT_NANOS = ProcessPoolExecutor.DEFAULT_HEARTBEAT.toNanos();

    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How often in a row workers may end before they are ready, and before they have read a certain call. */
    private static final int MAX_BAD_LUCK = 3;

    private final PoolOptions options;
    private final Reading reading;

    private final ShortLock lock = new ShortLock();
    private final Condition changed = lock.newCondition();
    private final CallQueue queue;
    private final ArrayDeque<Worker> idle = new ArrayDeque<>();
    private final Set<Worker> workers = new LinkedHashSet<>();
    private final ArrayDeque<Worker> toStart = new ArrayDeque<>();
    private volatile @Nullable Switchboard switchboard;
    private final Path folder = Switchboard.newFolder();
    private boolean starterRuns;
    private Phase phase = Phase.OPEN;
    private long calls;
    private long workersMade;
    private int badStarts;
    private boolean prioritiesMatter;

    /** Only used by the I/O thread. */
    private boolean fullSwing;

    private volatile boolean timeoutsMatter;
    private final CompletableFuture<@Nullable Void> terminated = new CompletableFuture<>();
    private final Figures figures = new Figures();
    private final List<CompletableFuture<@Nullable Void>> warmingUp = new ArrayList<>();

    Dispatcher(PoolOptions options) {
        this.options = options;
        this.queue = new CallQueue(options.maxQueued(), lock);
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        this.reading = new Reading(
                context != null ? context : ClassLoader.getSystemClassLoader(),
                options.resultFilter(),
                options.writing().codec());
    }

    // ---- from any thread

    <T extends @Nullable Object> CompletableFuture<T> submit(Callable<T> function, CallOptions callOptions) {
        return submit(function, callOptions, NO_DEADLINE);
    }

    /** Waits for room no longer than until then, on the clock of {@code System.nanoTime()}. */
    <T extends @Nullable Object> CompletableFuture<T> submit(
            Callable<T> function, CallOptions callOptions, long until) {
        long submitted = System.nanoTime();
        Values.Written written;
        byte[] context;
        try {
            written = Values.writeFunction(function, options.writing());
            context = ContextBytes.capture();
        } catch (NotTransferableException e) {
            return CompletableFuture.failedFuture(new NotTransferableException(
                    "The function cannot be sent to a worker process: " + e.getMessage(), e.getCause()));
        }
        Call<T> call;
        Worker worker;
        List<Outgoing> batch;
        lock.lock();
        try {
            checkOpen();
            for (boolean waited = false; idle.isEmpty() && !queue.hasRoomFor(waited); waited = true) {
                awaitRoom(waited, until);
            }
            worker = idle.pollLast();
            call = new Call<>(++calls, submitted, callOptions, this, written, context);
            if (worker == null) {
                queue.add(call);
                startWorkersIfUseful(queue.size());
                return call;
            }
            batch = assign(worker, call);
        } finally {
            lock.unlock();
        }
        send(worker, batch);
        return call;
    }

    private void checkOpen() {
        if (phase != Phase.OPEN) {
            throw shutDown();
        }
    }

    /** Leaves the lock and waits, if that is what a submitter shall do. */
    private void awaitRoom(boolean waited, long until) {
        if (!options.blockWhenFull()) {
            throw new RejectedExecutionException("The process pool '" + options.name() + "' has " + queue.size()
                    + " calls waiting, those among them whose worker still starts, which is all that it may have (see"
                    + " Builder.maxQueued, and blockWhenFull to wait for room)");
        }
        Switchboard switchboard = this.switchboard;
        if (switchboard != null && switchboard.isCurrent()) {
            throw new RejectedExecutionException("The process pool's own thread cannot wait for room in its queue");
        }
        queue.awaitRoom(waited, until);
        checkOpen();
    }

    /** Starts all workers there may be. */
    CompletableFuture<@Nullable Void> warmUp() {
        CompletableFuture<@Nullable Void> warm = new CompletableFuture<>();
        lock.lock();
        try {
            checkOpen();
            startWorkersIfUseful(options.maxWorkers());
            if (!allReady()) {
                warmingUp.add(warm);
                return warm;
            }
        } finally {
            lock.unlock();
        }
        warm.complete(null);
        return warm;
    }

    private boolean allReady() {
        return workers.stream().allMatch(worker -> worker.ready || worker.ending);
    }

    /** What the pool does now. */
    PoolStatistics statistics() {
        lock.lock();
        try {
            return figures.with(workers, idle.size(), queue.waiting(), workersMade);
        } finally {
            lock.unlock();
        }
    }

    void cancelled(Call<?> call, boolean mayStop) {
        boolean stop = false;
        boolean free = false;
        Worker runner;
        lock.lock();
        try {
            runner = workers.stream()
                    .filter(worker -> worker.pipeline.contains(call))
                    .findFirst()
                    .orElse(null);
            if (runner == null) {
                queue.cancelledOne();
                return;
            }
            queue.addAll(runner.takeBack()); // this one too if it has not begun; it is done, so nobody will take it
            free = runner.pipeline.isEmpty();
            if (!free && runner.pipeline.head() == call && mayStop && !runner.stopping) {
                beginToStop(runner, System.nanoTime());
                stop = true;
            }
        } finally {
            lock.unlock();
        }
        if (stop) {
            cancel(runner, call);
        }
        if (free) {
            next(runner, null);
        }
        handOut();
        wakeUp();
    }

    /** Makes the I/O thread look at the times there are. */
    private void wakeUp() {
        Switchboard switchboard = this.switchboard;
        if (switchboard != null) {
            switchboard.wakeUp();
        }
    }

    /** Its call shall end; if it has not after the grace, its process does. */
    private void beginToStop(Worker worker, long now) {
        worker.stopping = true;
        worker.killAt = Durations.after(now, options.stopGrace());
        queue.addAll(worker.takeBack());
    }

    /** Gives what has come back into the queue to those who have nothing to do. */
    private void handOut() {
        while (true) {
            Worker worker;
            List<Outgoing> batch;
            lock.lock();
            try {
                worker = queue.isEmpty() ? null : idle.pollLast();
                if (worker == null) {
                    startWorkersIfUseful(queue.size());
                    return;
                }
                batch = fill(worker);
                if (worker.pipeline.isEmpty()) {
                    idle.addLast(worker);
                    return;
                }
            } finally {
                lock.unlock();
            }
            send(worker, batch);
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
                figures.hasEnded(WorkerEnd.SHUTDOWN);
                free.add(worker);
            }
            if (queue.isEmpty()) {
                workers.stream().filter(worker -> !worker.ready).forEach(Dispatcher::end);
            }
            queue.wakeSubmitters();
            endIfDone();
        } finally {
            lock.unlock();
        }
        free.forEach(this::stop);
        tellThoseWhoWarmUp(shutDown());
    }

    private RejectedExecutionException shutDown() {
        return new RejectedExecutionException("The process pool '" + options.name() + "' has been shut down");
    }

    /**
     * Drops all calls and ends all workers.
     *
     * @param gently whether their processes may end in good order; then they are killed a little later
     */
    List<Call<?>> shutdownNow(boolean gently) {
        List<Call<?>> waiting;
        List<Call<?>> running = new ArrayList<>();
        lock.lock();
        try {
            phase = Phase.STOPPED;
            waiting = queue.clear();
            idle.clear();
            for (Worker worker : workers) {
                running.addAll(worker.pipeline.clear());
                if (worker.ready && !worker.ending) {
                    figures.hasEnded(WorkerEnd.SHUTDOWN);
                }
                if (gently && worker.ready) {
                    worker.ending = true;
                    worker.killAt = System.nanoTime() + STOP_NANOS;
                    worker.terminate();
                } else {
                    end(worker);
                }
            }
            endIfDone();
        } finally {
            lock.unlock();
        }
        wakeUp();
        tellThoseWhoWarmUp(shutDown());
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
                    .filter(worker -> !worker.pipeline.isEmpty())
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
        tellTheEnd();
    }

    /**
     * What is to be sent then. Nothing for a call that was cancelled just now: what a worker does not hear of must not be in its
     * pipeline, since it would never be answered.
     */
    private List<Outgoing> assign(Worker worker, Call<?> call) {
        long now = System.nanoTime();
        worker.pipeline.add(call, now);
        Outgoing outgoing = call.outgoing();
        if (outgoing == null) {
            worker.pipeline.remove(call);
            return List.of();
        }
        prioritiesMatter |= call.options.priority() != 0;
        timeoutsMatter |= timeoutOf(call) != NO_DEADLINE;
        if (worker.pipeline.size() == 1) {
            headBegins(worker, now);
        }
        return List.of(outgoing);
    }

    /** The first call of a worker's pipeline is another than before. */
    private void headBegins(Worker worker, long now) {
        Call<?> head = worker.pipeline.head();
        worker.stopping = false;
        worker.killAt = NO_DEADLINE;
        worker.callDeadline = head == null ? NO_DEADLINE : Durations.after(now, timeoutOf(head));
        if (head != null) {
            figures.hasWaited(head, now);
        }
    }

    /** Moves calls from the queue to a worker's pipeline, as many as are worth it and no more than its share. */
    private List<Outgoing> fill(Worker worker) {
        int room = prioritiesMatter || options.watchesMemory()
                ? (worker.pipeline.isEmpty() ? 1 : 0)
                : worker.pipeline.room();
        int share = Math.max(1, queue.size() / Math.max(1, workers.size()));
        int most = Math.min(Math.min(room, share), options.maxTasks() - worker.callsDone - worker.pipeline.size());
        List<Outgoing> batch = new ArrayList<>(Math.max(0, most));
        while (batch.size() < most) {
            Call<?> call = queue.poll();
            if (call == null) {
                break;
            }
            batch.addAll(assign(worker, call));
        }
        return batch;
    }

    private long timeoutOf(Call<?> call) {
        Duration own = call.options.timeout();
        return own == null ? options.callTimeout() : Durations.nanos(own);
    }

    private static void end(Worker worker) {
        worker.ending = true;
        worker.kill();
    }

    /** Starts workers until as many as wanted have nothing to do yet, or there are all there may be. */
    private void startWorkersIfUseful(int wanted) {
        int coming = 0;
        int staying = 0;
        for (Worker worker : workers) {
            if (!worker.ending) {
                staying++;
                coming += worker.pipeline.isEmpty() ? 1 : 0;
            }
        }
        for (; coming < wanted && staying < options.maxWorkers(); coming++, staying++) {
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
            Thread.ofPlatform().daemon().name(options.name() + "-starter").start(this::startWorkers);
        } catch (OutOfMemoryError noThread) {
            var _ = CompletableFuture.runAsync(this::startWorkers);
        }
    }

    // ---- the starter thread, which lives while there is something to start

    private void startWorkers() {
        for (Worker worker = nextToStart(); worker != null; worker = nextToStart()) {
            Process process = null;
            try {
                AotCache cache = options.aotCache();
                List<String> faster = cache == null ? List.of() : cache.arguments();
                worker.fromCache = !faster.isEmpty();
                List<String> more = new ArrayList<>(faster);
                more.add("-D" + Handshake.FOLDER + "=" + folder);
                process = Switchboard.launch(options, more); // first of all: while it starts there is time for the rest
                switchboard().greet(worker, process);
            } catch (Throwable t) { // a path that is none, no more threads: the calls must hear of it
                if (process != null) {
                    process.destroyForcibly();
                }
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
                open = new Switchboard(options, folder, this);
                switchboard = open;
            }
            return open;
        } finally {
            lock.unlock();
        }
    }

    // ---- on the I/O thread

    private void send(Worker worker, List<Outgoing> batch) {
        Switchboard switchboard = this.switchboard;
        if (switchboard == null || batch.isEmpty()) {
            return; // all processes have ended, and these calls with them
        }
        try {
            switchboard.send(worker, batch);
        } catch (Throwable t) { // no memory: the worker may have heard half of it
            unreadable(worker, t);
            return;
        }
        if (batch.size() > 1 || timeoutsMatter) {
            wakeUp();
        }
    }

    private void cancel(Worker worker, Call<?> call) {
        Switchboard switchboard = this.switchboard;
        if (switchboard != null) {
            switchboard.cancel(worker, call);
        }
    }

    private void stop(Worker worker) {
        Switchboard switchboard = this.switchboard;
        if (switchboard != null) {
            worker.killAt = System.nanoTime() + STOP_NANOS;
            switchboard.send(worker, new Frame(FrameType.STOP, 0, new byte[0]));
            wakeUp();
        }
    }

    @Override
    public void connected(Worker worker) {
        byte[] initializer = options.initializer();
        Switchboard switchboard = this.switchboard;
        if (initializer != null && switchboard != null) {
            switchboard.send(worker, new Frame(FrameType.CALL, INITIALIZER, initializer));
        } else {
            ready(worker);
        }
    }

    private void ready(Worker worker) {
        badStarts = 0;
        lock.lock();
        try {
            worker.ready = true;
            worker.heartbeat = new Heartbeat(options.heartbeatTimeout(), System.nanoTime());
        } finally {
            lock.unlock();
        }
        next(worker, null);
        tellThoseWhoWarmUp(null);
        if (options.aotCache() != null) {
            options.aotCache().makeIfMissing();
        }
    }

    private void initialized(Worker worker, Frame frame) {
        if (frame.type() == FrameType.RESULT) {
            ready(worker);
            return;
        }
        if (frame.type() != FrameType.FAILURE) {
            return; // what it says meanwhile is for nobody
        }
        var result = new Call<@Nullable Object>(
                INITIALIZER,
                System.nanoTime(),
                CallOptions.DEFAULT,
                this,
                new Values.Written(frame.payload(), null, List.of()),
                null);
        result.answered(frame, reading);
        worker.problem = result.handle((_, failure) -> failure).join();
        lock.lock();
        try {
            end(worker);
        } finally {
            lock.unlock();
        }
    }

    /** All of them are ready, or none will be. */
    private void tellThoseWhoWarmUp(@Nullable Throwable failure) {
        List<CompletableFuture<@Nullable Void>> warm;
        lock.lock();
        try {
            if (failure == null && !allReady()) {
                return;
            }
            warm = List.copyOf(warmingUp);
            warmingUp.clear();
        } finally {
            lock.unlock();
        }
        for (CompletableFuture<@Nullable Void> each : warm) {
            if (failure == null) {
                each.complete(null);
            } else {
                each.completeExceptionally(failure);
            }
        }
    }

    /** Gives a worker that has ended a call, or has nothing to do, its next ones, or lets it rest, or end. */
    private void next(Worker worker, @Nullable Call<?> ended) {
        List<Outgoing> batch = List.of();
        boolean stop = false;
        WorkerEnd tooLarge = ended != null && options.watchesMemory() ? tooLarge(worker) : null;
        lock.lock();
        try {
            if (ended != null) {
                long now = System.nanoTime();
                figures.hasRun(worker, now);
                worker.pipeline.removeHead(now);
                headBegins(worker, now);
                worker.callsDone++;
            }
            if (worker.ending) {
                return;
            }
            WorkerEnd worn = worker.callsDone >= options.maxTasks() ? WorkerEnd.MAX_TASKS : tooLarge;
            batch = worn == null ? fill(worker) : List.of();
            if (worker.pipeline.isEmpty()) {
                if (worn == null && phase == Phase.OPEN) {
                    worker.idleSince = System.nanoTime();
                    idle.addLast(worker);
                } else {
                    worker.ending = true;
                    stop = true;
                    figures.hasEnded(worn == null ? WorkerEnd.SHUTDOWN : worn);
                    startWorkersIfUseful(queue.size());
                }
            }
        } finally {
            lock.unlock();
        }
        if (!batch.isEmpty()) {
            send(worker, batch);
        } else if (stop) {
            stop(worker);
        }
    }

    /** Null if it is not. */
    private @Nullable WorkerEnd tooLarge(Worker worker) {
        long bytes = ResidentMemory.of(worker.pid());
        if (bytes > options.maxRss()) {
            return WorkerEnd.MAX_RSS;
        }
        return worker.growth.after(bytes) > options.maxRssGrowth() ? WorkerEnd.RSS_GROWTH : null;
    }

    @Override
    public void answered(Worker worker, Frame frame) {
        if (frame.id() == INITIALIZER) {
            initialized(worker, frame);
            return;
        }
        Call<?> call = headOf(worker);
        if (call == null || call.number != frame.id()) {
            return; // the pool was shut down, and its worker is about to end
        }
        if (frame.type() == FrameType.DUMP) {
            if (call.timedOut) {
                call.failed(timeout(call, new String(frame.payload(), StandardCharsets.UTF_8)));
            }
            return;
        }
        if (frame.type() == FrameType.PROGRESS) {
            call.progress(frame, reading);
            return;
        }
        try {
            next(worker, call);
        } finally {
            if (call.timedOut) {
                call.failed(timeout(call, ""));
            } else {
                call.answered(frame, reading);
            }
        }
    }

    private @Nullable Call<?> headOf(Worker worker) {
        lock.lock();
        try {
            return worker.pipeline.head();
        } finally {
            lock.unlock();
        }
    }

    private CallTimeoutException timeout(Call<?> call, String dump) {
        return new CallTimeoutException(
                "The function did not end within " + timeoutOf(call) / 1_000_000 + " ms and was stopped"
                        + (dump.isEmpty() ? "" : ". It was here:\n" + firstThreadOf(dump)),
                dump);
    }

    private static String firstThreadOf(String dump) {
        int second = dump.indexOf("\n\"");
        return second < 0 ? dump : dump.substring(0, second);
    }

    @Override
    public void unreadable(Worker worker, Throwable problem) {
        Call<?> call;
        lock.lock();
        try {
            call = worker.pipeline.head();
            if (call != null) {
                worker.pipeline.remove(call);
            }
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
            tellTheEnd();
        } finally {
            lock.unlock();
        }
    }

    /** Done when the pool was shut down and all has ended. */
    CompletableFuture<@Nullable Void> terminated() {
        return terminated.copy();
    }

    /** Under the lock: who waits for the end looks whether it has come. */
    private void tellTheEnd() {
        changed.signalAll();
        if (ended()) {
            var _ = terminated.completeAsync(() -> null); // dependents are other people's code
        }
    }

    @Override
    public void gone(Worker worker, @Nullable Throwable problem) {
        Call<?> lost = null;
        boolean timedOut = false;
        boolean bad;
        boolean hopeless;
        List<Call<?>> unstartable = List.of();
        lock.lock();
        try {
            workers.remove(worker);
            idle.remove(worker);
            Call<?> call = worker.pipeline.head();
            for (Call<?> other : worker.pipeline.clear()) {
                if (other != call) {
                    queue.add(other); // it waited behind the one that was under way
                }
            }
            bad = problem != null
                    || (!worker.ready && !worker.ending && !worker.fromCache && ++badStarts >= MAX_BAD_LUCK);
            if (problem != null || !worker.ready) {
                figures.hasEnded(WorkerEnd.NOT_STARTED);
                if (options.aotCache() != null && worker.fromCache) {
                    options.aotCache().remove();
                }
            } else if (worker.silent) {
                figures.hasEnded(WorkerEnd.SILENT);
            } else if (worker.stopping) {
                figures.hasEnded(WorkerEnd.STOPPED);
            } else if (!worker.ending) {
                figures.hasEnded(WorkerEnd.CRASHED);
            }
            worker.ending = true; // a thread that still has it in hand must not give it another call
            if (call != null && !call.isDone()) {
                timedOut = call.timedOut;
                boolean begun = worker.hasBegun(call);
                if (timedOut
                        || (begun && ++call.crashes > call.options.retriesOnCrash())
                        || (!begun && ++call.unluckyWorkers >= MAX_BAD_LUCK)) {
                    lost = call;
                } else {
                    queue.add(call);
                }
            }
            boolean noneLeft = workers.stream().allMatch(other -> other.ending);
            hopeless = noneLeft && bad;
            if (phase == Phase.STOPPED || hopeless) {
                unstartable = queue.clear();
                badStarts = 0;
            }
            if (!warmingUp.isEmpty() && phase == Phase.OPEN && !bad) {
                startWorkersIfUseful(options.maxWorkers());
            }
            endIfDone();
        } finally {
            lock.unlock();
        }
        if (!bad) { // else those who still start decide whether any can
            handOut();
        }
        if (lost != null) {
            lost.failed(timedOut ? timeout(lost, "") : Crash.of(worker));
        }
        if (hopeless) {
            var failure = startFailure(worker, problem);
            unstartable.forEach(call -> call.failed(failure));
            tellThoseWhoWarmUp(failure);
        } else {
            unstartable.forEach(Call::dropped);
            tellThoseWhoWarmUp(null);
        }
    }

    private WorkerStartException startFailure(Worker worker, @Nullable Throwable problem) {
        String what = problem != null
                ? problem.toString()
                : "process " + worker.pid() + " ended before it was ready, "
                        + worker.exitStatus().inWords();
        return new WorkerStartException(
                "No worker process could be started: " + what + ". The command was: "
                        + String.join(" ", options.command().worker(List.of())) + Crash.tail(worker),
                problem);
    }

    /** Who lets a worker be silent for long, to debug it, wants it here too. */
    private long deafAfter() {
        return options.heartbeatTimeout() > DEFAULT_HEARTBEAT_NANOS ? options.heartbeatTimeout() : DEAF_NANOS;
    }

    @Override
    public boolean isInFullSwing() {
        return fullSwing;
    }

    /** Ends the workers whose call takes too long, and those who do not end when they are told. */
    @Override
    public long tick(long now) {
        long next = NO_DEADLINE;
        Map<Worker, Call<?>> late = new LinkedHashMap<>();
        List<Worker> free = new ArrayList<>();
        List<Worker> bored = new ArrayList<>();
        boolean back = false;
        lock.lock();
        try {
            fullSwing = false;
            for (Worker worker : workers) {
                fullSwing |= worker.pipeline.isDeep();
                if (worker.pipeline.hasWaiting()) {
                    long until = worker.pipeline.headSince() + LONG_NANOS;
                    if (until <= now) {
                        back |= queue.addAll(worker.takeBack());
                        if (worker.pipeline.isEmpty()) {
                            free.add(worker); // it has not even begun the first
                        }
                    } else {
                        next = Math.min(next, until);
                    }
                }
                Call<?> call = worker.pipeline.head();
                boolean deaf =
                        call != null && now - worker.pipeline.headSince() >= deafAfter() && !worker.hasBegun(call);
                Heartbeat heartbeat = worker.heartbeat;
                if (heartbeat != null && !worker.ending) {
                    deaf |= heartbeat.isSilent(worker.beats(), now);
                    next = Math.min(next, heartbeat.nextLook());
                }
                if (deaf) {
                    back |= queue.addAll(worker.takeBack());
                    worker.silent = true;
                    idle.remove(worker);
                    end(worker);
                    continue;
                }
                if (call != null && !worker.stopping && worker.callDeadline <= now) {
                    if (worker.hasBegun(call)) {
                        call.timedOut = true;
                        beginToStop(worker, now);
                        late.put(worker, call);
                    } else {
                        headBegins(worker, now); // the worker has not come to it, so its time has not begun
                    }
                }
                if (call != null && !worker.stopping) {
                    next = Math.min(next, worker.callDeadline);
                } else if (worker.killAt <= now) {
                    end(worker);
                } else {
                    next = Math.min(next, worker.killAt);
                }
            }
            next = Math.min(next, letGoOfTheBored(now, bored));
            if (!workers.isEmpty()) {
                next = Math.min(next, now + DEAF_NANOS);
            }
        } finally {
            lock.unlock();
        }
        late.forEach(this::cancel);
        free.forEach(worker -> next(worker, null));
        if (back || !late.isEmpty()) {
            handOut();
        }
        bored.forEach(this::stop);
        return next;
    }

    /** The one that is idle longest lies at the bottom of the stack. Returns when the next one is to go. */
    private long letGoOfTheBored(long now, List<Worker> bored) {
        for (Worker worker = idle.peekFirst(); worker != null; worker = idle.peekFirst()) {
            long until = Durations.after(worker.idleSince, options.idleTimeout());
            if (now < until) {
                return until;
            }
            idle.removeFirst();
            worker.ending = true;
            figures.hasEnded(WorkerEnd.IDLE);
            bored.add(worker);
        }
        return NO_DEADLINE;
    }

    void warnOf(List<String> busy, Duration after) {
        Log.OFFLOOP.log(
                System.Logger.Level.WARNING,
                "The process pool '" + options.name() + "' was closed, and after " + after
                        + " these still ran a function: " + String.join(", ", busy) + ". They are ended");
    }
}
