package dev.offloop.process.internal.io;

import dev.offloop.process.internal.pool.Outgoing;
import dev.offloop.process.internal.pool.Worker;
import dev.offloop.process.internal.pool.WorkerLink;
import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameType;
import dev.offloop.process.internal.wire.SharedStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A worker's process: what the system knows of it, its two channels, the status that it shares, what it prints.
 *
 * <p><b>Threads.</b> The pool's threads send and kill. The I/O thread connects the channels and looks for the process's
 * end; what only it uses is marked. The shared status is foreign input, and memory that can vanish: a worker that
 * truncates the file makes each access an error, which counts as "nothing is known", and gets the process killed.
 */
final class WorkerProcess implements WorkerLink {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int TOKEN_BYTES = 16;

    final Worker worker;

    /** Proves that a process that connects is this one. */
    final String token = newToken();

    final WorkerChannel data;
    final WorkerChannel control;
    private final WorkerIo io;
    private final Process process;
    private final Path statusFile;
    private final SharedStatus status;
    private final @Nullable OutputPump pump;
    private final @Nullable PrintedLines lines;
    private final Path crashReport;
    private final boolean fromCache;
    private final long memoryLimit;
    private final @Nullable MemoryGroup group;
    private final long kernelKillsBefore = Crash.kernelKills();
    private volatile long maxHeap = Long.MAX_VALUE;
    private volatile boolean killed;

    /** The process of the JVM; 0 until it is known. */
    private volatile long jvmPid;

    /** How much memory it had when it was killed for that; 0 if it was not. */
    private volatile long exceeded;

    /** Whether the status cannot be read: nothing is known any more. */
    private volatile boolean statusLost;

    private volatile boolean paused;

    // ---- only used by the I/O thread

    /** When the process is killed, if it has closed its channel and goes on. */
    long endDeadline = Long.MAX_VALUE;

    /** Whether its end was reported. */
    boolean gone;

    WorkerProcess(
            WorkerIo io,
            Worker worker,
            Process process,
            PoolFolder folder,
            @Nullable OutputPump pump,
            boolean fromCache,
            long memoryLimit,
            @Nullable MemoryGroup group)
            throws IOException {
        this.io = io;
        this.worker = worker;
        this.process = process;
        this.statusFile = folder.status(worker.number);
        this.status = SharedStatus.create(statusFile);
        this.pump = pump;
        this.lines = pump == null ? null : pump.add(worker.number, process);
        this.crashReport = folder.crashReport(worker.number);
        this.fromCache = fromCache;
        this.memoryLimit = memoryLimit;
        this.group = group;
        this.data = new WorkerChannel(io.io());
        this.control = new WorkerChannel(io.io());
    }

    private static String newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    // ---- for the pool

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public void send(List<Outgoing> calls) {
        data.send(calls);
    }

    @Override
    public void cancel(long number) {
        control.send(new Frame(FrameType.CANCEL, number, new byte[0]));
    }

    @Override
    public void sample(long number) {
        control.send(new Frame(FrameType.SAMPLE, number, new byte[0]));
    }

    @Override
    public void retire() {
        data.send(new Frame(FrameType.RETIRE, 0, new byte[0]));
    }

    @Override
    public void terminate() {
        long jvm = isThread() ? process.pid() : jvmPid();
        if (jvm == process.pid()) {
            process.destroy();
        } else {
            ProcessHandle.of(jvm).ifPresent(ProcessHandle::destroy);
        }
    }

    @Override
    public void kill() {
        killed = true;
        destroyForcibly();
        io.io().ends(this);
    }

    @Override
    public long takeBack(long last) {
        if (statusLost) {
            return Long.MAX_VALUE; // nothing can be taken back for certain
        }
        try {
            return status.takeBack(last);
        } catch (InternalError truncated) {
            return lost();
        }
    }

    @Override
    public long begun() {
        if (statusLost) {
            return Long.MAX_VALUE;
        }
        try {
            return status.begun();
        } catch (InternalError truncated) {
            return lost();
        }
    }

    private long lost() {
        statusLost = true;
        io.io().unreadable(this, new IllegalStateException("it has truncated the status that it shares with the pool"));
        return Long.MAX_VALUE;
    }

    @Override
    public long beats() {
        try {
            return status.beats();
        } catch (InternalError truncated) {
            lost();
            return 0;
        }
    }

    private boolean endedOrderly() {
        try {
            return status.orderly();
        } catch (InternalError truncated) {
            return false;
        }
    }

    @Override
    public long residentMemory() {
        return isThread() ? 0 : ResidentMemory.of(jvmPid(), io.heapIsShared());
    }

    @Override
    public long processorTime() {
        return isThread() ? -1 : ProcessorTime.of(jvmPid());
    }

    /** The process of the JVM, which is another one behind a command that has started it as a child. */
    long jvmPid() {
        long pid = jvmPid;
        if (pid == 0) {
            List<Long> below = ProcessChain.below(process.pid());
            pid = below.isEmpty() ? process.pid() : below.getLast();
            if (!ProcessChain.isSingleThreaded(pid)) { // else it may not be there yet
                jvmPid = pid;
            }
        }
        return pid;
    }

    /** Kills it, since it has more memory than it may. For the pool it has ended by itself. */
    void exceeds(long bytes) {
        if (exceeded == 0) {
            exceeded = bytes;
        }
        destroyForcibly();
    }

    /** Whether it is a thread of this JVM: what the system knows of its process is about all of that. */
    private boolean isThread() {
        return process instanceof ThreadProcess;
    }

    private void destroyForcibly() {
        if (isThread()) {
            process.destroyForcibly();
            return;
        }
        List<ProcessHandle> below = new ArrayList<>(); // those would outlive the command that has started them
        ProcessChain.below(process.pid()).forEach(pid -> ProcessHandle.of(pid).ifPresent(below::add));
        if (process.isAlive()) { // else its id, and what is below it, may be another's
            below.reversed().forEach(ProcessHandle::destroyForcibly);
        }
        process.destroyForcibly();
    }

    @Override
    public long maxHeap() {
        return maxHeap;
    }

    @Override
    public void pauseEvents() {
        paused = true; // the I/O thread sees it before its next read
    }

    @Override
    public void resumeEvents() {
        paused = false;
        io.io().resume(this);
    }

    @Override
    public void ready() {
        io.ready();
    }

    @Override
    public boolean failedToStart() {
        return io.failedToStart(fromCache);
    }

    @Override
    public Loss loss() {
        ExitStatus exit = process.isAlive()
                ? new ExitStatus(ExitStatus.NONE, null, false)
                : ExitStatus.of(process.exitValue(), endedOrderly());
        String printed = lines == null ? "" : lines.tail();
        return new Crash(
                pid(), exit, printed, killed, exceeded, memoryLimit, kernelKillsBefore, crashReport, lines != null);
    }

    // ---- for the I/O thread

    boolean isPaused() {
        return paused;
    }

    void maxHeap(long bytes) {
        maxHeap = bytes;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Both processes have opened the status: no other process shall find the file. */
    void hideStatus() {
        PoolFolder.deleteQuietly(statusFile);
    }

    /** The process has ended. */
    void close() {
        PoolFolder.deleteQuietly(statusFile);
        if (group != null) {
            exceeded = group.exceeded();
            group.delete();
        }
        data.close();
        control.close();
        if (pump != null && lines != null) {
            pump.finish(lines);
        }
        io.ended(this);
    }
}
