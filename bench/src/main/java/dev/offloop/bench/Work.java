package dev.offloop.bench;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;

import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Task;
import dev.offloop.process.ProcessPoolExecutor;
import dev.offloop.sync.Lock;
import dev.offloop.sync.Queue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** What is measured, each a coroutine that does it so many times. JMH and the comparison with others run the same. */
final class Work {

    private Work() {}

    static void switches(int count) {
        for (int i = 0; i < count; i++) {
            yieldNow();
        }
    }

    static void spawns(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            await(createTask(() -> 1));
        }
    }

    static List<Integer> gatherTasks(int count) throws Exception {
        List<Task<Integer>> tasks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tasks.add(createTask(() -> 1));
        }
        return await(gather(tasks));
    }

    static void locksAndUnlocks(ReentrantLock lock, int count) {
        for (int i = 0; i < count; i++) {
            lock.lock();
            try {
                // nothing: this is about the lock
            } finally {
                lock.unlock();
            }
        }
    }

    static void acquiresAndReleases(int count) {
        var lock = new Lock();
        for (int i = 0; i < count; i++) {
            lock.acquire();
            lock.release();
        }
    }

    static void fromThreadToTask(int count) throws Exception {
        var queue = new Queue<Integer>();
        Future<?> producer = toThread(() -> {
            for (int i = 0; i < count; i++) {
                queue.putBlocking(i);
            }
        });
        for (int i = 0; i < count; i++) {
            var _ = queue.get();
        }
        await(producer);
    }

    static void threadRoundTrips(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            await(toThread(() -> 1));
        }
    }

    static List<Integer> threadsAtOnce(int count) throws Exception {
        List<Future<Integer>> calls = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            calls.add(toThread(() -> 1));
        }
        return await(gather(calls));
    }

    static void processRoundTrips(ProcessPoolExecutor pool, int count) throws Exception {
        EventLoop loop = EventLoop.current();
        for (int i = 0; i < count; i++) {
            await(loop.runInExecutor(pool, () -> 1));
        }
    }

    static byte[] largeThereAndBack(ProcessPoolExecutor pool, byte[] large) throws Exception {
        return await(EventLoop.current().runInExecutor(pool, () -> large));
    }

    static void firstResult() throws Exception {
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(2)) {
            await(EventLoop.current().runInExecutor(pool, () -> 1));
        }
    }

    static List<Integer> processesAtOnce(ProcessPoolExecutor pool, int count) throws Exception {
        EventLoop loop = EventLoop.current();
        List<Future<Integer>> calls = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            calls.add(loop.runInExecutor(pool, () -> 1));
        }
        return await(gather(calls));
    }
}
