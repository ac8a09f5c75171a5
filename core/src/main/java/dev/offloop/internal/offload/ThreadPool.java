package dev.offloop.internal.offload;

import dev.offloop.EventLoop;
import dev.offloop.internal.monitor.Gauge;
import dev.offloop.internal.util.Nanos;
import dev.offloop.internal.util.ThreadNames;
import dev.offloop.spi.Offloaded;
import dev.offloop.sync.Waiter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The default executor of a loop: a bounded pool of daemon platform threads.
 *
 * <p>A job goes to the worker that became idle last, else to a new worker, else, with all of them busy, into the queue.
 * {@link java.util.concurrent.ThreadPoolExecutor} starts threads before it looks for idle ones, and its workers are
 * idle only some time after their result is known; here a worker takes the next job or goes to the idle stack
 * <i>before</i> it delivers its result, so calls made one after another use one thread. Idle workers are used last in,
 * first out: the others can time out.
 *
 * <p>One lock guards the queue, the idle stack and the count. An idle worker is given its job in a field of its own and
 * unparked outside the lock.
 */
public final class ThreadPool implements Executor, Occupied, Gauge.Gauged {

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);
    private static final long WAITING_CHECK_NANOS = 20_000_000;
    private static final Runnable NOTHING = () -> {};
    private static final AtomicInteger POOLS = new AtomicInteger();

    private final String name = "offloop-pool-" + POOLS.incrementAndGet();
    private final int maxThreads;
    private final long keepAliveNanos;
    private final @Nullable ClassLoader classLoader = Thread.currentThread().getContextClassLoader();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition terminated = lock.newCondition();
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private final ArrayDeque<Worker> idle = new ArrayDeque<>();
    private final Set<Worker> workers = new LinkedHashSet<>();
    private int started;
    private volatile boolean shutdown;

    ThreadPool() {
        this(defaultSize(), KEEP_ALIVE);
    }

    ThreadPool(int maxThreads, Duration keepAlive) {
        this.maxThreads = maxThreads;
        this.keepAliveNanos = keepAlive.toNanos();
    }

    /** Python's figure: enough for blocking calls, few enough for a small machine. */
    public static int defaultSize() {
        return Math.min(32, Runtime.getRuntime().availableProcessors() + 4);
    }

    @Override
    public void execute(Runnable job) {
        Worker sleeper;
        lock.lock();
        try {
            if (shutdown) {
                throw new RejectedExecutionException("The default executor has been shut down");
            }
            sleeper = idle.pollLast();
            if (sleeper == null) {
                if (workers.size() < maxThreads) {
                    startWorker(job);
                } else {
                    queue.add(job);
                }
                return;
            }
            sleeper.given = job;
        } finally {
            lock.unlock();
        }
        LockSupport.unpark(sleeper.thread);
    }

    private void startWorker(Runnable job) {
        assert lock.isHeldByCurrentThread();
        var worker = new Worker(job, started++);
        workers.add(worker);
        try {
            worker.thread.start();
        } catch (OutOfMemoryError noThread) {
            workers.remove(worker);
            if (workers.isEmpty()) {
                throw noThread;
            }
            queue.add(job); // the threads that run take it later
        }
    }

    /**
     * Rejects new jobs, lets those it has finish, and interrupts those that still run when the time has expired.
     * Blocks; see {@link EventLoop#shutdownDefaultExecutor}.
     *
     * @param endWaiting whether to interrupt functions that wait in {@code dev.offloop.sync} when no other function
     *     runs
     * @return the jobs that did not end even then, each described by its thread and where it is
     */
    List<String> shutdown(Duration timeout, Duration grace, boolean endWaiting) throws InterruptedException {
        lock.lock();
        try {
            retire();
            if (!awaitTermination(timeout, endWaiting)) {
                dropQueue();
                workers.forEach(worker -> worker.thread.interrupt());
                awaitTermination(grace, false);
            }
            List<String> left = new ArrayList<>();
            workers.forEach(worker -> left.add(ThreadNames.describe(worker.thread)));
            return left;
        } finally {
            lock.unlock();
        }
    }

    private void dropQueue() {
        assert lock.isHeldByCurrentThread();
        for (Runnable job = queue.poll(); job != null; job = queue.poll()) {
            if (job instanceof Offloaded waiting) {
                boolean _ = waiting.completeExceptionally(new RejectedExecutionException(
                        "The default executor was shut down before the function could start"));
            }
        }
    }

    /** Rejects new jobs and lets the threads end after those it has. Does not wait. */
    void retire() {
        lock.lock();
        try {
            shutdown = true;
            idle.forEach(worker -> LockSupport.unpark(worker.thread));
        } finally {
            lock.unlock();
        }
    }

    private boolean awaitTermination(Duration timeout, boolean endWaiting) throws InterruptedException {
        assert lock.isHeldByCurrentThread();
        long end = Nanos.sum(Nanos.elapsed(), Nanos.of(timeout));
        while (!workers.isEmpty()) {
            long left = end - Nanos.elapsed();
            if (left <= 0) {
                return false;
            }
            if (endWaiting) {
                endWaiting();
            }
            long nap = endWaiting
                    ? Math.min(left, WAITING_CHECK_NANOS)
                    : left; // there is no signal when a function begins to wait
            var _ = terminated.awaitNanos(nap);
        }
        return true;
    }

    /** A function that still runs may wake one that waits, so all have to wait. */
    private void endWaiting() {
        assert lock.isHeldByCurrentThread();
        boolean allWait = workers.stream().allMatch(worker -> idle.contains(worker) || Waiter.isWaiting(worker.thread));
        if (allWait) {
            workers.forEach(Worker::interruptWaiting);
        }
    }

    @Override
    public Gauge gauge() {
        lock.lock();
        try {
            return new Gauge("default executor (" + name + ")", maxThreads, workers.size() - idle.size(), queue.size());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Collection<Runnable> occupants() {
        lock.lock();
        try {
            boolean full = idle.isEmpty() && workers.size() >= maxThreads;
            return full ? workers.stream().map(worker -> worker.current).toList() : List.of();
        } finally {
            lock.unlock();
        }
    }

    /** How many threads there are. */
    int size() {
        lock.lock();
        try {
            return workers.size();
        } finally {
            lock.unlock();
        }
    }

    private final class Worker implements Runnable {

        final Thread thread;
        private Runnable first;

        /** What it runs, or ran last. */
        volatile Runnable current;

        /** Set by the thread that took this worker off the idle stack. */
        volatile @Nullable Runnable given;

        Worker(Runnable first, int number) {
            this.first = first;
            this.current = first;
            this.thread = Thread.ofPlatform()
                    .name(name + "-" + number)
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .unstarted(this);
            thread.setContextClassLoader(classLoader);
        }

        @Override
        public void run() {
            Runnable job = first;
            first = NOTHING;
            while (job != null) {
                job = runThenNext(job);
                if (job == null) {
                    job = awaitJob();
                }
            }
        }

        /** Runs a job. Returns the next one; null if there is none, and then this worker is on the idle stack. */
        private @Nullable Runnable runThenNext(Runnable job) {
            current = job;
            TwoStepJob inTwoSteps = job instanceof TwoStepJob j ? j : null;
            boolean deliver = false;
            try {
                if (inTwoSteps != null) {
                    deliver = inTwoSteps.compute();
                } else {
                    job.run();
                }
            } catch (Throwable t) {
                Thread.currentThread().getThreadGroup().uncaughtException(thread, t);
            }
            current = NOTHING; // nothing here may keep a job reachable that has ended
            Runnable next = nextOrIdle();
            if (inTwoSteps != null && deliver) {
                inTwoSteps.deliver();
            }
            return next;
        }

        private @Nullable Runnable nextOrIdle() {
            lock.lock();
            try {
                Runnable next = queue.poll();
                if (next == null) {
                    idle.addLast(this);
                }
                return next;
            } finally {
                lock.unlock();
            }
        }

        private @Nullable Runnable awaitJob() {
            long deadline = System.nanoTime() + keepAliveNanos;
            while (true) {
                Runnable job = given;
                if (job != null) {
                    given = null;
                    return job;
                }
                // Nothing between the look at "given" and the park may park: a lock would use up the permit that
                // comes with a job, and the job would wait here until the worker times out.
                long left = deadline - System.nanoTime();
                if (left > 0 && !shutdown) {
                    LockSupport.parkNanos(this, left);
                    boolean _ = Thread.interrupted(); // an interrupt that comes late is meant for no job
                } else if (leave()) {
                    return null;
                }
            }
        }

        void interruptWaiting() {
            if (current instanceof TwoStepJob job && Waiter.isWaiting(thread)) {
                job.interrupt();
            }
        }

        /** Ends this worker, unless a job was given to it in the meantime. */
        private boolean leave() {
            lock.lock();
            try {
                if (!idle.remove(this)) {
                    return false;
                }
                workers.remove(this);
                terminated.signalAll();
                return true;
            } finally {
                lock.unlock();
            }
        }
    }
}
