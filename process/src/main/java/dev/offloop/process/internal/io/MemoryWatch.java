package dev.offloop.process.internal.io;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that kills workers which have more memory than they may, where no control group does.
 *
 * <p>It does to a process what the kernel would do: the pool sees a process that has ended, and learns the reason from
 * what is left of it. So nothing here is part of the pool's state, and deadlines do not wait for a look at memory.
 *
 * <p>It looks again at a process when that could have filled what is left, so rarely while there is much of it: 50 µs
 * each 50 ms, and 50 µs each 2 ms near the limit. Processes that a worker starts do not count: to find them takes
 * longer than that.
 */
final class MemoryWatch implements Runnable {

    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** How fast a process can fill new memory, with two threads. */
    private static final long BYTES_PER_NANO = 4;

    private final long limit;
    private final boolean shared;
    private final Set<WorkerProcess> processes;
    private final ErrorLog errors = new ErrorLog("The thread that watches the memory of a process pool");
    private final Thread thread;
    private volatile boolean closed;

    /**
     * A watch that is not started.
     *
     * @param shared whether memory counts that a process may share with others
     * @param processes those that run
     */
    MemoryWatch(String name, long limit, boolean shared, Set<WorkerProcess> processes) {
        this.limit = limit;
        this.shared = shared;
        this.processes = processes;
        this.thread = Thread.ofPlatform().daemon().name(name + "-memory").unstarted(this);
    }

    void start() {
        thread.start();
    }

    /** There is another process. */
    void started() {
        LockSupport.unpark(thread);
    }

    void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        while (!closed) {
            long pause = LONGEST_NANOS;
            try {
                pause = look();
            } catch (Throwable e) { // a defect, or no memory: the limit has to hold all the same
                errors.log(e);
            }
            if (pause < 0) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, pause);
            }
        }
    }

    /** Returns how long to pause; -1 if there is nothing to watch. */
    private long look() {
        long pause = -1;
        for (WorkerProcess process : processes) {
            long bytes = ResidentMemory.own(process.jvmPid(), shared);
            if (bytes > limit) {
                process.exceeds(bytes);
            }
            long next = Math.clamp((limit - bytes) / BYTES_PER_NANO, SHORTEST_NANOS, LONGEST_NANOS);
            pause = pause < 0 ? next : Math.min(pause, next);
        }
        return pause;
    }
}
