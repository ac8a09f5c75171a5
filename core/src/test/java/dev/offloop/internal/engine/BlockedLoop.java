package dev.offloop.internal.engine;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;

import dev.offloop.CheckedFunction;
import dev.offloop.Coroutine;
import dev.offloop.Future;
import dev.offloop.Task;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A loop that is blocked permanently by a task that holds something across an await; ends with the first thing that is
 * logged.
 */
final class BlockedLoop {

    private static final Object MONITOR = new Object();
    private static final ReentrantLock LOCK = new ReentrantLock();

    private BlockedLoop() {}

    public static void main(String[] args) throws Exception {
        System.setErr(new PrintStream(new Printer(), true));
        run(() -> {
            switch (System.getProperty("held")) {
                case "monitor" -> holdAndWant(BlockedLoop::synchronizedly);
                case "lock" -> holdAndWant(BlockedLoop::lockedly);
                case "byThread" -> contendWithThread();
                case "latch" -> blockInLatch();
                default -> throw new IllegalArgumentException();
            }
        });
        IO.println("ended");
    }

    private static void holdAndWant(CheckedFunction<Coroutine.Action, Void> with) throws Exception {
        createTask("holder", () -> with.apply(BlockedLoop::awaitSomething));
        yieldNow();
        await(createTask("wanting", () -> with.apply(() -> {})));
    }

    private static void awaitSomething() {
        sleep(Duration.ofMillis(1));
    }

    private static Void synchronizedly(Coroutine.Action body) throws Exception {
        synchronized (MONITOR) {
            body.run();
        }
        return null;
    }

    private static Void lockedly(Coroutine.Action body) throws Exception {
        LOCK.lock();
        try {
            body.run();
        } finally {
            LOCK.unlock();
        }
        return null;
    }

    /** Blocks the loop for a while, but not permanently. */
    private static void contendWithThread() throws Exception {
        Future<Void> holder = toThread(
                () -> synchronizedly(() -> Thread.sleep(BlockedStepDiagnosis.BLOCKED_NANOS / 1_000_000 + 1_000)));
        sleep(Duration.ofMillis(100));
        synchronizedly(() -> {});
        await(holder);
    }

    /** Bad as well, but a latch has no holder. */
    private static void blockInLatch() throws Exception {
        var latch = new CountDownLatch(1);
        Task<Void> innocent = createTask("innocent", BlockedLoop::awaitSomething);
        yieldNow();
        Future<Void> other = toThread(() -> {
            Thread.sleep(BlockedStepDiagnosis.BLOCKED_NANOS / 1_000_000 + 1_000);
            latch.countDown();
        });
        latch.await();
        await(gather(innocent, other));
    }

    /** Ends the program as soon as the advice is logged, with which all reports end. */
    private static final class Printer extends ByteArrayOutputStream {
        @Override
        public void flush() {
            String logged = toString(StandardCharsets.UTF_8);
            if (logged.contains("across an await")) {
                IO.println(logged);
                Runtime.getRuntime().halt(0);
            }
        }
    }
}
