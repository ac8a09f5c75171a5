package dev.offloop.monitor;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Coroutine;
import dev.offloop.EventLoop;
import dev.offloop.Runner;
import dev.offloop.Task;
import dev.offloop.VirtualClock;
import dev.offloop.monitor.SlowStep.Cause;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Steps that block the loop, in real time. */
@Timeout(60)
class SlowStepTest {

    private static final int BLOCKED_MILLIS = 400;

    private final List<SlowStep> reports = Collections.synchronizedList(new ArrayList<>());

    private Runner.Builder watched() {
        return Runner.builder().threadName("watched").onSlowStep(reports::add);
    }

    private void assertReported(Cause cause, String method, Coroutine.Action step) throws Exception {
        try (var runner = watched().build()) {
            runner.run(() -> await(createTask("slow", step)));
        }
        assertThat(reports).anySatisfy(report -> {
            assertThat(report.cause()).isEqualTo(cause);
            assertThat(report.loop()).isEqualTo("watched");
            assertThat(report.task()).isEqualTo("slow");
            assertThat(report.duration()).isGreaterThanOrEqualTo(Duration.ofMillis(100));
            assertThat(report.frame()).isNotNull();
            assertThat(report.frame().getFileName()).isEqualTo("SlowStepTest.java");
            assertThat(report.frame().getMethodName()).contains(method);
            assertThat(report.message())
                    .contains(
                            "task slow",
                            " ms ",
                            "(SlowStepTest.java:" + report.frame().getLineNumber() + ")")
                    .contains("(" + cause.name().toLowerCase(java.util.Locale.ROOT) + ")");
        });
        assertThat(reports)
                .as("of this step")
                .allSatisfy(report -> assertThat(report.cause()).isEqualTo(cause));
    }

    private static void spin(int millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void sleepIsNamed() throws Exception {
        assertReported(Cause.SLEEP, "sleepIsNamed", () -> Thread.sleep(BLOCKED_MILLIS));
    }

    @Test
    void readOfASocketIsIo() throws Exception {
        try (var server = new ServerSocket(0)) {
            server.setSoTimeout(BLOCKED_MILLIS);
            assertReported(Cause.IO, "readOfASocketIsIo", () -> {
                try (var _ = server.accept()) {
                    throw new AssertionError("no client connects");
                } catch (SocketTimeoutException expected) {
                    // it has blocked
                }
            });
        }
    }

    @Test
    void readOfAPipeIsIo(@TempDir Path folder) throws Exception {
        Path fifo = folder.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                Thread.sleep(BLOCKED_MILLIS);
                Files.writeString(fifo, "x");
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        assertReported(Cause.IO, "readOfAPipeIsIo", () -> {
            try (var in = new FileInputStream(fifo.toFile())) {
                assertThat(in.read()).isEqualTo('x');
            }
        });
    }

    @Test
    void waitForAProcessIsIo() throws Exception {
        Process process = new ProcessBuilder("sleep", "0.5").start();
        assertReported(
                Cause.IO,
                "waitForAProcessIsIo",
                () -> assertThat(process.waitFor()).isZero());
    }

    @Test
    void waitForAMonitorIsNamedWithItsOwner() throws Exception {
        var monitor = new Object();
        var held = new CountDownLatch(1);
        Thread holder = Thread.ofPlatform().name("holder").daemon().start(() -> {
            synchronized (monitor) {
                held.countDown();
                spin(BLOCKED_MILLIS);
            }
        });
        held.await();
        assertReported(Cause.MONITOR, "waitForAMonitor", () -> {
            synchronized (monitor) {
                assertThat(holder).isNotNull();
            }
        });
        assertThat(reports.getFirst().advice()).contains("Owner of the monitor: thread 'holder'");
    }

    @Test
    void waitForALockIsNamed() throws Exception {
        var lock = new ReentrantLock();
        lock.lock();
        assertReported(
                Cause.LOCK,
                "waitForALock",
                () -> assertThat(lock.tryLock(BLOCKED_MILLIS, TimeUnit.MILLISECONDS))
                        .isFalse());
        assertThat(reports.getFirst().advice()).contains("Owner of the lock: ");
    }

    @Test
    void getOfAFutureIsAWait() throws Exception {
        assertReported(
                Cause.WAIT,
                "getOfAFuture",
                () -> assertThatThrownBy(
                                () -> new CompletableFuture<String>().get(BLOCKED_MILLIS, TimeUnit.MILLISECONDS))
                        .isInstanceOf(TimeoutException.class));
    }

    @Test
    void awaitOfALatchIsAWait() throws Exception {
        var latch = new CountDownLatch(1);
        assertReported(
                Cause.WAIT,
                "awaitOfALatch",
                () -> assertThat(latch.await(BLOCKED_MILLIS, TimeUnit.MILLISECONDS))
                        .isFalse());
    }

    @Test
    void loopThatComputesIsCpu() throws Exception {
        assertReported(Cause.CPU, "spin", () -> spin(BLOCKED_MILLIS));
    }

    private static final class SlowToInitialize {
        static final long WHEN;

        static {
            spin(BLOCKED_MILLIS);
            WHEN = System.nanoTime();
        }
    }

    @Test
    void slowStaticInitializerIsClassInit() throws Exception {
        assertReported(
                Cause.CLASS_INIT,
                "spin",
                () -> assertThat(SlowToInitialize.WHEN).isNotZero());
    }

    @Test
    void slowCallbackHasNoTask() throws Exception {
        try (var runner = watched().build()) {
            runner.run(() -> {
                EventLoop.current().callSoon(() -> spin(BLOCKED_MILLIS));
                sleep(Duration.ofMillis(1));
            });
        }
        assertThat(reports)
                .singleElement()
                .satisfies(report -> assertThat(report.task()).isNull());
    }

    @Test
    void turnOfStepsThatAreShortAloneIsReported() throws Exception {
        try (var runner = watched().build()) {
            runner.run(() -> {
                List<Task<Void>> tasks = new ArrayList<>();
                for (int i = 0; i < 15; i++) {
                    tasks.add(createTask(() -> spin(40)));
                }
                await(gather(tasks));
            });
        }
        assertThat(reports).singleElement().satisfies(report -> {
            assertThat(report.task()).isNull();
            assertThat(report.duration()).isGreaterThanOrEqualTo(Duration.ofMillis(200));
            assertThat(report.advice()).contains("a turn of", "spin(SlowStepTest.java:");
        });
    }

    @Test
    void loopOnAHostIsWatchedToo() throws Exception {
        try (var ui =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().name("ui").factory())) {
            EventLoop loop = watched().on(ui);
            loop.runCoroutineThreadsafe(() -> Thread.sleep(BLOCKED_MILLIS)).get(30, TimeUnit.SECONDS);
            loop.shutdown().get(30, TimeUnit.SECONDS);
        }
        assertThat(reports).singleElement().satisfies(report -> {
            assertThat(report.loop()).isEqualTo("ui");
            assertThat(report.cause()).isEqualTo(Cause.SLEEP);
        });
    }

    @Test
    void modalDialogThatPumpsTheEventsOfItsHostDoesNotBlockTheLoop() throws Exception {
        BlockingQueue<Runnable> events = new LinkedBlockingQueue<>();
        Thread ui = Thread.ofPlatform().daemon().start(() -> pump(events, Long.MAX_VALUE));
        EventLoop loop = watched().on(events::add);
        var closed = new CompletableFuture<@Nullable Void>();
        loop.callSoonThreadsafe(() -> {
            pump(events, TimeUnit.MILLISECONDS.toNanos(2 * BLOCKED_MILLIS));
            closed.complete(null);
        });
        closed.get(30, TimeUnit.SECONDS);
        loop.shutdown().get(30, TimeUnit.SECONDS);
        ui.interrupt();
        assertThat(reports).isEmpty();
    }

    /** What a user interface does, and a modal dialog within one of its events. */
    private static void pump(BlockingQueue<Runnable> events, long nanos) {
        long begin = System.nanoTime();
        try {
            while (System.nanoTime() - begin < nanos) {
                Runnable event = events.poll(10, TimeUnit.MILLISECONDS);
                if (event != null) {
                    event.run();
                }
            }
        } catch (InterruptedException end) {
            // the test has ended
        }
    }

    @Test
    void thresholdMayBeLongerOrOff() throws Exception {
        for (Duration threshold : List.of(Duration.ofSeconds(20), Duration.ofSeconds(Long.MAX_VALUE), Duration.ZERO)) {
            try (var runner = watched().slowStepThreshold(threshold).build()) {
                runner.run(() -> Thread.sleep(BLOCKED_MILLIS));
            }
        }
        assertThat(reports).isEmpty();
        assertThatThrownBy(() -> Runner.builder().slowStepThreshold(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not be negative: -1 ms");
    }

    @Test
    void loopInVirtualTimeIsNotWatched() throws Exception {
        try (var runner = watched().clock(new VirtualClock()).build()) {
            runner.run(() -> Thread.sleep(BLOCKED_MILLIS));
        }
        assertThat(reports).isEmpty();
    }

    @Test
    void sleepingTaskAndIdleLoopAreNotReported() throws Exception {
        try (var runner = watched().build()) {
            runner.run(() -> sleep(Duration.ofMillis(2 * BLOCKED_MILLIS)));
        }
        assertThat(reports).isEmpty();
    }
}
