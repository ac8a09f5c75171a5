package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.pid;
import static dev.offloop.process.Calls.submitAndHear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.offloop.CancelledError;
import dev.offloop.Offload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions that are asked to end, and ended if they do not. */
class StopTest {

    private static void write(String file, String text) throws IOException {
        Files.writeString(Path.of(file), text);
    }

    @Test
    void aFunctionThatHeedsItsInterruptKeepsItsWorkerAlive() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = get(pool.submit(() -> pid()));
            CompletableFuture<Void> sleeping = submitAndHear(pool, () -> {
                Offload.progress("running");
                Thread.sleep(Duration.ofHours(1));
            });
            sleeping.cancel(true);
            assertThat(get(pool.submit(() -> pid()))).isEqualTo(worker);
            assertThat(get(pool.submit(() -> Thread.interrupted()))).isFalse();
        }
    }

    @Test
    void aFunctionThatAsksEndsByItself(@TempDir Path folder) throws Exception {
        String heard = folder.resolve("heard").toString();
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = get(pool.submit(() -> pid()));
            CompletableFuture<Void> polite = submitAndHear(pool, () -> {
                Offload.progress("running");
                try {
                    while (true) {
                        WorkerContext.checkCancelled();
                        Thread.onSpinWait();
                    }
                } catch (CancelledError e) {
                    write(heard, e.getMessage());
                    throw e;
                }
            });
            polite.cancel(true);
            assertThat(get(pool.submit(() -> pid()))).isEqualTo(worker);
            assertThat(Path.of(heard)).hasContent("The call was cancelled, or its time is over");
        }
    }

    @Test
    void listenersAreCalledOnAnotherThread() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = get(pool.submit(() -> pid()));
            CompletableFuture<Void> waiting = submitAndHear(pool, () -> {
                Offload.progress("running");
                var stop = new CountDownLatch(1);
                WorkerContext.onCancel(stop::countDown);
                while (stop.getCount() > 0) {
                    Thread.onSpinWait(); // does not look at its interrupt
                }
            });
            waiting.cancel(true);
            assertThat(get(pool.submit(() -> pid()))).isEqualTo(worker);
        }
    }

    @Test
    void anEndlessLoopIsKilledAfterItsGraceAndOnlyItsWorker() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .stopGrace(Duration.ofMillis(100))
                .build()) {
            get(pool.warmUp());
            CompletableFuture<Void> endless = pool.submit(() -> {
                while (true) {
                    Thread.onSpinWait();
                }
            });
            CompletableFuture<String> other = pool.submit(() -> {
                Thread.sleep(500);
                return "untouched";
            });
            await().until(() -> pool.statistics().busy() == 2);
            endless.cancel(true);
            assertThat(get(other)).isEqualTo("untouched");
            await().until(() -> pool.statistics().ended().getOrDefault(WorkerEnd.STOPPED, 0L) == 1);
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
    }

    @Test
    void aLateFunctionIsStoppedAndItsExceptionShowsWhereItWas() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = get(pool.submit(() -> pid()));
            CompletableFuture<Void> late =
                    pool.submit(CallOptions.DEFAULT.timeout(Duration.ofMillis(100)), () -> sleepForAnHour());
            Throwable thrown = catchThrowable(() -> get(late)).getCause();
            assertThat(thrown).isInstanceOf(CallTimeoutException.class).isInstanceOf(TimeoutException.class);
            assertThat(((CallTimeoutException) thrown).threadDump())
                    .startsWith("\"offloop-StopTest.aLateFunctionIsStoppedAndItsExceptionShowsWhereItWas\"")
                    .contains("StopTest.sleepForAnHour");
            assertThat(get(pool.submit(() -> pid())))
                    .as("it heeded its interrupt")
                    .isEqualTo(worker);
        }
    }

    private static void sleepForAnHour() throws InterruptedException {
        Thread.sleep(Duration.ofHours(1));
    }

    @Test
    void aLateFunctionThatDoesNotHeedIsKilled() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .callTimeout(Duration.ofMillis(100))
                .stopGrace(Duration.ofMillis(100))
                .build()) {
            CompletableFuture<Void> late = pool.submit(() -> {
                while (true) {
                    Thread.onSpinWait();
                }
            });
            assertThatThrownBy(() -> get(late)).hasCauseInstanceOf(CallTimeoutException.class);
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
    }

    @Test
    void aFunctionThatIsStuckInADeadlockIsKilledToo() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .callTimeout(Duration.ofMillis(200))
                .stopGrace(Duration.ofMillis(100))
                .build()) {
            CompletableFuture<Void> stuck = pool.submit(() -> {
                Object monitor = new Object();
                var held = new CountDownLatch(1);
                Thread.ofPlatform().daemon().start(() -> {
                    synchronized (monitor) {
                        held.countDown();
                        while (true) {
                            Thread.onSpinWait();
                        }
                    }
                });
                held.await();
                synchronized (monitor) {
                    throw new AssertionError();
                }
            });
            assertThatThrownBy(() -> get(stuck))
                    .hasCauseInstanceOf(CallTimeoutException.class)
                    .hasMessageContaining("BLOCKED");
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
    }

    @Test
    void aStopThatComesTooLateHarmsNobody() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            for (int i = 0; i < 300; i++) {
                CompletableFuture<Integer> call = pool.submit(() -> 1);
                if (i % 3 == 0) {
                    Thread.onSpinWait();
                }
                call.cancel(true);
                int n = i;
                assertThat(get(pool.submit(() -> n))).isEqualTo(i);
            }
            assertThat(pool.statistics().ended()).doesNotContainKey(WorkerEnd.CRASHED);
        }
    }

    @Test
    void aGraceOfForEverIsForEver() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .stopGrace(Duration.ofDays(1_000_000))
                .build()) {
            long worker = get(pool.submit(() -> pid()));
            CompletableFuture<Void> slow = submitAndHear(pool, () -> {
                Offload.progress("running");
                long end = System.nanoTime() + 500_000_000;
                while (System.nanoTime() < end) {
                    Thread.onSpinWait();
                }
            });
            slow.cancel(true);
            assertThat(get(pool.submit(() -> pid()))).isEqualTo(worker);
        }
    }

    @Test
    void aWorkerThatDoesNotReadItsCallsIsReplaced() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = get(pool.submit(() -> pid()));
            assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(worker))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(pool.submit(() -> pid()).get(50, TimeUnit.SECONDS)).isNotEqualTo(worker);
        }
    }

    @Test
    void aWorkerThatGivesNoSignOfLifeIsReplacedAndItsCallFails() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .heartbeatTimeout(Duration.ofSeconds(1))
                .build()) {
            long worker = get(pool.submit(() -> pid()));
            CompletableFuture<Void> call = submitAndHear(pool, () -> {
                Offload.progress("running");
                Thread.sleep(Duration.ofHours(1));
            });
            assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(worker))
                            .start()
                            .waitFor())
                    .isZero();
            assertThatThrownBy(() -> get(call))
                    .hasCauseInstanceOf(WorkerCrashedException.class)
                    .hasMessageContaining("no sign of life");
            assertThat(get(pool.submit(() -> pid()))).isNotEqualTo(worker);
            assertThat(pool.statistics().ended()).containsEntry(WorkerEnd.SILENT, 1L);
        }
    }

    @Test
    void oneThatOnlyComputesGivesSignsOfLife() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .heartbeatTimeout(Duration.ofSeconds(2))
                .build()) {
            assertThat(get(pool.submit(() -> {
                        long end = System.nanoTime() + 3_500_000_000L;
                        while (System.nanoTime() < end) {
                            Thread.onSpinWait();
                        }
                        return "done";
                    })))
                    .isEqualTo("done");
        }
    }

    @Test
    void aCallThatSomebodyElseEndsIsStopped() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            get(pool.warmUp());
            CompletableFuture<Void> late =
                    pool.submit(() -> Thread.sleep(Duration.ofHours(1))).orTimeout(50, TimeUnit.MILLISECONDS);
            assertThatThrownBy(() -> get(late)).hasCauseInstanceOf(TimeoutException.class);
            await().until(() -> pool.statistics().busy() == 0);
        }
    }

    @Test
    void outsideOfAWorkerTheContextIsHarmless() {
        assertThat(WorkerContext.inWorker()).isFalse();
        WorkerContext.checkCancelled();
        WorkerContext.onCancel(() -> {
            throw new AssertionError();
        });
    }

    @Test
    void inAWorkerItSaysSo() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            assertThat(get(pool.submit(() -> WorkerContext.inWorker()))).isTrue();
        }
    }
}
