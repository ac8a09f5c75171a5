package dev.offloop.process.internal.io;

import dev.offloop.process.WorkerOutput;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Reads what the workers of a pool print, all of them on one thread.
 *
 * <p>A pipe from a process can only be waited for by a thread of its own, and there should be no two threads per
 * worker. So this one asks each pipe what is there: at once again while there is something, and after a pause that
 * grows to {@link #LONGEST_PAUSE_NANOS} while there is nothing.
 */
final class OutputPump implements Runnable {

    private static final long SHORTEST_PAUSE_NANOS = 1_000_000;
    private static final long LONGEST_PAUSE_NANOS = 50_000_000;

    private final Consumer<? super WorkerOutput.Line> listener;
    private final List<PrintedLines> open = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean closed;

    OutputPump(String name, Consumer<? super WorkerOutput.Line> listener) {
        this.listener = listener;
        this.thread = Thread.ofPlatform().daemon().name(name + "-output").start(this);
    }

    /** Takes the output of a process that has just been started. */
    PrintedLines add(long worker, Process process) {
        var lines = new PrintedLines(worker, process, listener);
        open.add(lines);
        LockSupport.unpark(thread);
        return lines;
    }

    /** Reads what is left of a process that has ended. */
    void finish(PrintedLines lines) {
        lines.finish();
        LockSupport.unpark(thread);
    }

    void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        long pause = SHORTEST_PAUSE_NANOS;
        while (!closed || !open.isEmpty()) {
            boolean some = false;
            for (PrintedLines lines : open) {
                some |= lines.pump();
            }
            open.removeIf(PrintedLines::isOver);
            if (some) {
                pause = SHORTEST_PAUSE_NANOS;
            } else if (open.isEmpty()) {
                if (!closed) {
                    LockSupport.park(this);
                }
            } else {
                LockSupport.parkNanos(this, pause);
                pause = Math.min(LONGEST_PAUSE_NANOS, pause * 2);
            }
        }
    }
}
