package dev.offloop.process.internal.io;

import dev.offloop.process.WorkerOutput;
import dev.offloop.process.internal.pool.Effects;
import dev.offloop.process.internal.pool.Job;
import dev.offloop.process.internal.pool.Platform;
import dev.offloop.process.internal.pool.Worker;
import dev.offloop.process.internal.pool.WorkerEvents;
import dev.offloop.process.internal.util.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The platform that pools run on: real processes, real threads, real time.
 *
 * <p><b>The channels</b> are Unix-domain sockets in a {@link PoolFolder}. A worker makes two connections, one for calls
 * and answers, one for cancellations; on each it proves with its token that it is the process that was started, and a
 * process that does not is disconnected. Its standard streams belong to the functions.
 *
 * <p><b>The threads</b>, which start with the first worker:
 *
 * <ul>
 *   <li>the {@link IoThread} talks with all workers;
 *   <li>the {@link Timekeeper} keeps the deadlines, and runs nothing else;
 *   <li>{@link ForeignThreads} read what takes foreign code to read, one per worker at most;
 *   <li>the starter launches processes, while there is something to launch;
 *   <li>the {@link OutputPump} reads what workers print;
 *   <li>the {@link MemoryWatch} kills workers with too much memory, where that is limited and the kernel does not.
 * </ul>
 */
public final class WorkerIo implements Platform {

    /** A deadline waits no longer than this for the I/O thread. */
    private static final long MAX_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final LaunchOptions options;
    private final WorkerEvents events;
    private final Launcher launcher;
    private final RunningClock clock = new RunningClock();
    private final ForeignThreads foreign;

    /** Where each worker gets a limit of memory; null if there is no such limit or place. */
    private final @Nullable MemoryGroups groups;

    /** The processes that have not ended. */
    private final Set<WorkerProcess> processes = ConcurrentHashMap.newKeySet();

    private volatile @Nullable Parts parts;

    /** The thread that has last begun to launch processes. */
    private volatile @Nullable Thread starter;

    /** Guarded by this. */
    private boolean closed;

    /** What there is while the pool has workers. */
    private record Parts(
            IoThread io,
            Timekeeper timekeeper,
            Reception reception,
            @Nullable OutputPump pump,
            @Nullable MemoryWatch memoryWatch) {}

    /** Whether a worker of this pool writes down its classes for the AOT cache. */
    private volatile boolean listsClasses;

    /** A platform, which has no threads before the first launch. */
    public WorkerIo(LaunchOptions options, WorkerEvents events) {
        this.options = options;
        this.events = events;
        this.launcher = options.threads() == null
                ? new ProcessLauncher(options)
                : new ThreadLauncher(options.name(), options.threads());
        this.foreign = new ForeignThreads(options.name(), options.maxWorkers());
        this.groups = options.limits().hasMemory() ? MemoryGroups.find() : null;
    }

    // ---- for the pool, from any thread

    @Override
    public long now() {
        return clock.now();
    }

    @Override
    public void run(Effects effects) {
        for (Runnable effect = effects.poll(); effect != null; effect = effects.poll()) {
            try {
                if (effect instanceof Effects.Completion && mayNotRunForeignCode()) {
                    runElsewhere(effect);
                } else {
                    effect.run();
                }
            } catch (Throwable e) { // a defect, or no memory: what comes after it must be done all the same
                logQuietly(e);
            }
        }
    }

    private void logQuietly(Throwable e) {
        try {
            Log.OFFLOOP.log(
                    System.Logger.Level.ERROR, "The process pool '" + options.name() + "' met an error and goes on", e);
        } catch (Throwable noMemory) {
            // the pool goes on
        }
    }

    /** Whether the calling thread is one that the pool cannot do without, and that is not known to run callbacks. */
    private boolean mayNotRunForeignCode() {
        Parts parts = this.parts;
        return Thread.currentThread() == starter || (parts != null && parts.timekeeper.isCurrent());
    }

    private void runElsewhere(Runnable completion) {
        try {
            foreign.start(() -> {
                completion.run();
                return false;
            });
        } catch (RejectedExecutionException | OutOfMemoryError noThread) {
            completion.run();
        }
    }

    @Override
    public void startThread(Job job) {
        Thread.ofPlatform().daemon().name(options.name() + "-starter").start(() -> {
            starter = Thread.currentThread();
            boolean more = true;
            while (more) {
                more = job.step();
            }
        });
    }

    @Override
    public void startForeignCode(Job code) {
        foreign.start(code);
    }

    @Override
    public void abandon(Job code) {
        foreign.abandon(code);
    }

    @Override
    public void wakeAt(long time) {
        Parts parts = this.parts;
        if (parts != null) {
            parts.timekeeper.wakeAt(time);
        }
    }

    @Override
    public void streaming(boolean now) {
        Parts parts = this.parts;
        if (parts != null) {
            parts.io.streaming(now);
        }
    }

    @Override
    public boolean hasReported(long time) {
        Parts parts = this.parts;
        return parts == null || parts.io.hasReported(time, MAX_LOOK_NANOS);
    }

    /**
     * The deadlines are looked at soon again while one waits for the I/O thread, even if that thread does not come to
     * it.
     */
    private long tick() {
        long next = events.tick();
        Parts parts = this.parts;
        return parts != null && parts.io.isLookPending() ? Math.min(next, clock.now() + LOOK_AGAIN_NANOS) : next;
    }

    @Override
    public int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    @Override
    public String commandInWords() {
        return launcher.inWords();
    }

    @Override
    public boolean isOwnThread() {
        Parts parts = this.parts;
        return parts != null && (parts.io.isCurrent() || parts.timekeeper.isCurrent() || foreign.isCurrent());
    }

    @Override
    public void jvmShutsDown() {
        endCache();
        Parts parts = this.parts;
        if (parts != null && processes.isEmpty()) {
            parts.reception.deleteFolder();
        }
    }

    @Override
    public void close() {
        Parts parts;
        synchronized (this) {
            closed = true;
            parts = this.parts;
        }
        foreign.close();
        if (parts == null) {
            events.closed();
        } else {
            parts.timekeeper.close();
            parts.io.close();
        }
    }

    // ---- on the starter thread

    @Override
    public void launch(Worker worker) throws IOException {
        AotCache cache = options.aotCache();
        // What is in a sandbox is not trusted, not even with a list of classes.
        boolean records = cache != null && cache.wantsList() && options.sandbox() == null;
        listsClasses |= records;
        Parts parts = this.parts;
        if (parts == null && (options.sandbox() != null || records)) {
            parts = open(PoolFolder.choose()); // has to be there when the sandbox or the JVM is made
        }
        PoolFolder folder = parts == null ? PoolFolder.choose() : parts.reception.folder();
        List<String> faster =
                cache == null ? List.of() : cache.arguments(records ? folder.classes(worker.number) : null);
        long limit = options.limits().memory();
        MemoryGroup group = groups == null ? null : groups.create(limit);
        Process process = null;
        WorkerProcess started;
        try {
            process = launcher.launch(worker, group, folder, faster); // while it starts there is time for the rest
            if (parts == null) {
                parts = open(folder);
                folder = parts.reception.folder();
            }
            started = new WorkerProcess(this, worker, process, folder, parts.pump, !faster.isEmpty(), limit, group);
        } catch (IOException | RuntimeException | Error e) {
            if (process != null) {
                process.destroyForcibly();
            }
            if (group != null) {
                group.delete();
            }
            throw e;
        }
        processes.add(started);
        if (parts.memoryWatch != null) {
            parts.memoryWatch.started();
        }
        events.started(worker, started);
        parts.io.starts(started);
        try {
            launcher.shakeHands(worker, process, folder, started.token);
        } catch (IOException ended) {
            // that is seen by the I/O thread
        } catch (RuntimeException | Error e) {
            started.kill();
            throw e;
        }
    }

    private synchronized Parts open(PoolFolder first) throws IOException {
        if (closed) {
            throw new IOException("the process pool has ended");
        }
        Parts parts = this.parts;
        if (parts == null) {
            parts = make(first);
            this.parts = parts;
            deleteAbandoned(parts.reception.parent());
        }
        return parts;
    }

    private Parts make(PoolFolder first) throws IOException {
        assert Thread.holdsLock(this);
        var timekeeper = new Timekeeper(options.name(), clock, this::tick);
        var io = new IoThread(options, events, clock, timekeeper::wakeNow, this::ended);
        var reception = new Reception(io.selector(), first);
        OutputPump pump = null;
        WorkerLimits limits = options.limits();
        MemoryWatch watch = limits.hasMemory() && groups == null
                ? new MemoryWatch(options.name(), limits.memory(), options.heapIsShared(), processes)
                : null;
        try {
            var _ = reception.folder();
            if (options.output() instanceof WorkerOutput.Lines(var lines)) {
                pump = new OutputPump(options.name(), lines);
            }
            timekeeper.start();
            io.start();
            if (watch != null) {
                watch.start();
            }
            return new Parts(io, timekeeper, reception, pump, watch);
        } catch (IOException | RuntimeException | Error e) {
            reception.close(true);
            timekeeper.close();
            if (pump != null) {
                pump.close();
            }
            io.selector().close();
            throw e;
        }
    }

    private void deleteAbandoned(@Nullable Path temp) {
        if (temp != null) {
            try {
                foreign.start(() -> {
                    PoolFolder.deleteAbandoned(temp);
                    if (groups != null) {
                        groups.deleteAbandoned();
                    }
                    return false;
                });
            } catch (RejectedExecutionException | OutOfMemoryError noThread) {
                // another pool will
            }
        }
    }

    // ---- for the processes

    /** Whether a worker's own memory may be shared with other processes. */
    boolean heapIsShared() {
        return options.heapIsShared();
    }

    IoThread io() {
        Parts parts = this.parts;
        if (parts == null) {
            throw new IllegalStateException("no worker was launched");
        }
        return parts.io;
    }

    void ended(WorkerProcess process) {
        processes.remove(process);
    }

    void ready() {
        AotCache cache = options.aotCache();
        if (cache != null) {
            cache.ready();
        }
    }

    /** Whether the AOT cache may be to blame. It is not used again. */
    boolean failedToStart(boolean fromCache) {
        AotCache cache = options.aotCache();
        if (cache != null && fromCache) {
            cache.remove();
        }
        return fromCache;
    }

    private void endCache() {
        AotCache cache = options.aotCache();
        if (cache != null && listsClasses) { // else another pool does, which goes on: that of a session ends
            cache.end();
        }
    }

    // ---- on the I/O thread, at its end

    private void ended() {
        endCache();
        Parts parts = this.parts;
        if (parts != null) {
            parts.reception.close(true);
            if (parts.pump != null) {
                parts.pump.close();
            }
            if (parts.memoryWatch != null) {
                parts.memoryWatch.close();
            }
        }
        events.closed();
    }
}
