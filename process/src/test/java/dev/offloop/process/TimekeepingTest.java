package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.awaitFile;
import static dev.offloop.process.Calls.createFile;
import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.signal;
import static dev.offloop.process.Calls.stop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deadlines that hold although something else takes long in this process. */
class TimekeepingTest {

    /** Reading it waits for {@link #RELEASE}, and ignores interrupts. */
    private static final class WaitsWhenRead implements Serializable {
        private static final long serialVersionUID = 1;
        private static final CountDownLatch READING = new CountDownLatch(1);
        private static final CountDownLatch RELEASE = new CountDownLatch(1);

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            READING.countDown();
            waitFor(RELEASE);
        }
    }

    private static void waitFor(CountDownLatch latch) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(50);
        for (long left = end - System.nanoTime(); left > 0 && latch.getCount() > 0; left = end - System.nanoTime()) {
            try {
                boolean _ = latch.await(left, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                // goes on
            }
        }
    }

    @Test
    void aResultThatIsSlowToReadMakesNoOtherCallLate() throws Exception {
        try (var pool = ProcessPoolExecutor.create(2)) {
            get(pool.warmUp());
            CompletableFuture<?> slow = pool.submit(() -> new WaitsWhenRead());
            assertThat(WaitsWhenRead.READING.await(50, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<String> other = pool.submit(CallOptions.DEFAULT.timeout(Duration.ofSeconds(10)), () -> {
                Thread.sleep(200);
                return "in time";
            });
            assertThat(get(other)).isEqualTo("in time");
            assertThat(slow).isNotDone();
            WaitsWhenRead.RELEASE.countDown();
            assertThat(get(slow)).isNotNull();
        }
    }

    @Test
    void aCallbackThatBlocksMakesNoDeadlineLate(@TempDir Path folder) throws Exception {
        String go = folder.resolve("go").toString();
        try (var pool = ProcessPoolExecutor.create(2)) {
            get(pool.warmUp());
            var blocking = new CountDownLatch(1);
            var release = new CountDownLatch(1);
            // A call without progress ends on the I/O thread, and so does its callback.
            CompletableFuture<Void> callback = pool.submit(() -> awaitFile(go)).thenRun(() -> {
                blocking.countDown();
                waitFor(release);
            });
            createFile(go);
            assertThat(blocking.await(50, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<Void> endless = pool.submit(
                    CallOptions.DEFAULT.timeout(Duration.ofMillis(200)), () -> new CountDownLatch(1).await());
            await().until(() -> pool.statistics().each().stream()
                    .anyMatch(worker -> worker.state() == WorkerStatus.State.CANCELLING
                            || worker.state() == WorkerStatus.State.KILLED));
            assertThat(callback).isNotDone();
            release.countDown();
            assertThat(catchThrowable(() -> get(endless))).hasCauseInstanceOf(CallTimeoutException.class);
        }
    }

    private static final Duration TIMEOUT = Duration.ofSeconds(4);

    /** Runs two calls, and is stopped for longer than their timeout meanwhile. */
    static final class Stopped {
        public static void main(String[] args) throws Exception {
            String whileStopped = args[0];
            String afterwards = args[1];
            try (var pool = ProcessPoolExecutor.create(2)) {
                pool.warmUp().get(30, TimeUnit.SECONDS);
                CallOptions options = CallOptions.DEFAULT.timeout(TIMEOUT);
                CompletableFuture<String> ends = pool.submit(options, () -> {
                    awaitFile(whileStopped);
                    return "ended";
                });
                CompletableFuture<String> goesOn = pool.submit(options, () -> {
                    awaitFile(afterwards);
                    return "went on";
                });
                System.out.println("ready");
                System.out.println(ends.get(40, TimeUnit.SECONDS));
                System.out.println(goesOn.get(40, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void aParentThatWasStoppedTakesNoCallForLate(@TempDir Path folder) throws Exception {
        Path output = folder.resolve("output");
        String whileStopped = folder.resolve("while-stopped").toString();
        String afterwards = folder.resolve("afterwards").toString();
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Stopped.class.getName(),
                        whileStopped,
                        afterwards)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        await().pollInterval(Duration.ofMillis(10))
                .until(() -> Files.readString(output).contains("ready"));
        stop(program.pid());
        Thread.sleep(TIMEOUT.plusSeconds(1));
        createFile(whileStopped);
        signal(program.pid(), "CONT");
        await().until(() -> Files.readString(output).contains("ended"));
        createFile(afterwards);
        assertThat(program.waitFor(40, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(output)).contains("ended", "went on");
    }
}
