package dev.offloop.process.internal.io;

import dev.offloop.process.internal.pool.Job;
import dev.offloop.process.internal.util.Log;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that read what workers have sent, which may run anything that its classes do when they are read.
 *
 * <p>A worker has one at most, so there are no more than workers. Code that does not end when its worker has gone
 * cannot be stopped, in Java: it is interrupted, and its thread is given up. Of such threads there may be some; then no
 * more foreign code is run until one of them has ended.
 */
final class ForeignThreads {

    private static final int MIN_ABANDONED = 16;

    private final String name;
    private final int maxAbandoned;
    private final AtomicInteger count = new AtomicInteger();
    private final Map<Job, Thread> running = new ConcurrentHashMap<>();
    private final Set<Thread> abandoned = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor threads;

    ForeignThreads(String name, int maxWorkers) {
        this.name = name;
        this.maxAbandoned = Math.max(MIN_ABANDONED, 4 * maxWorkers);
        this.threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), this::newThread);
    }

    private Thread newThread(Runnable body) {
        return Thread.ofPlatform()
                .daemon()
                .name(name + "-results-" + count.incrementAndGet())
                .unstarted(body);
    }

    void start(Job code) {
        if (abandoned.size() >= maxAbandoned) {
            throw new RejectedExecutionException("what workers have sent cannot be read: " + abandoned.size()
                    + " threads still read results that were given up");
        }
        threads.execute(() -> run(code));
    }

    private void run(Job code) {
        Thread me = Thread.currentThread();
        running.put(code, me);
        try {
            boolean more = true;
            while (more) {
                more = code.step();
            }
        } finally {
            running.remove(code, me);
            abandoned.remove(me);
            boolean _ = Thread.interrupted();
        }
    }

    /** Gives up the thread that runs this code. */
    void abandon(Job code) {
        Thread thread = running.get(code);
        if (thread == Thread.currentThread()) {
            return; // it is about to see that there is nothing left to read
        }
        if (thread != null && abandoned.add(thread)) {
            thread.interrupt();
            if (running.get(code) != thread) {
                abandoned.remove(thread); // it has ended meanwhile
            } else {
                Log.OFFLOOP.log(
                        System.Logger.Level.WARNING,
                        "The thread " + thread.getName() + " still reads what a worker has sent, though its call has"
                                + " ended. It was interrupted, and is given up");
            }
        }
    }

    boolean isCurrent() {
        return running.containsValue(Thread.currentThread());
    }

    void close() {
        threads.shutdown();
    }
}
