package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.createFile;
import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.patientPool;
import static dev.offloop.process.Calls.pid;
import static dev.offloop.process.Calls.stop;
import static dev.offloop.process.Calls.submitAndHear;
import static dev.offloop.process.Calls.submitBlocker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.offloop.CancelledError;
import dev.offloop.Offload;
import dev.offloop.RemoteCallable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
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
        try (var pool = patientPool(1)) {
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
        try (var pool = patientPool(1)) {
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
            assertThat(Path.of(heard)).hasContent("The call was cancelled, or its timeout has expired");
        }
    }

    @Test
    void listenersAreCalledOnAnotherThread() throws Exception {
        try (var pool = patientPool(1)) {
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
    void anEndlessLoopIsKilledAfterItsGraceAndOnlyItsWorker(@TempDir Path folder) throws Exception {
        String killed = folder.resolve("killed").toString();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .cancelGrace(Duration.ofMillis(100))
                .build()) {
            CompletableFuture<Void> endless = submitAndHear(pool, () -> {
                Offload.progress("running");
                while (true) {
                    Thread.onSpinWait();
                }
            });
            CompletableFuture<Void> other = submitBlocker(pool, killed);
            endless.cancel(true);
            await().until(() -> pool.statistics().ended().getOrDefault(WorkerEnd.CANCELLED, 0L) == 1);
            assertThat(other).isNotDone();
            createFile(killed);
            get(other);
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
            assertThat(pool.statistics().ended()).isEqualTo(Map.of(WorkerEnd.CANCELLED, 1L));
        }
    }

    /** A function that is late has come to what it does for ever by then, if its worker is warm. */
    private static final CallOptions LATE = CallOptions.DEFAULT.timeout(Duration.ofSeconds(3));

    @Test
    void aLateFunctionIsStoppedAndItsExceptionShowsWhereItWas() throws Exception {
        try (var pool = patientPool(1)) {
            long worker = get(pool.submit(() -> pid()));
            CompletableFuture<Void> late = pool.submit(LATE, () -> sleepForAnHour());
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
                .cancelGrace(Duration.ofMillis(100))
                .build()) {
            CompletableFuture<Void> late =
                    pool.submit(CallOptions.DEFAULT.timeout(Duration.ofMillis(100)), RemoteCallable.of(() -> {
                        while (true) {
                            Thread.onSpinWait();
                        }
                    }));
            assertThatThrownBy(() -> get(late)).hasCauseInstanceOf(CallTimeoutException.class);
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
            assertThat(pool.statistics().ended()).isEqualTo(Map.of(WorkerEnd.CANCELLED, 1L));
        }
    }

    @Test
    void aFunctionThatIsStuckInADeadlockIsKilledToo() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .cancelGrace(Duration.ofSeconds(5)) // the thread dump arrives in that time
                .build()) {
            get(pool.submit(() -> 1));
            CompletableFuture<Void> stuck = pool.submit(LATE, () -> {
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
        try (var pool = patientPool(1)) {
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
    void aGraceOfForEverIsForEver(@TempDir Path folder) throws Exception {
        String end = folder.resolve("end").toString();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .cancelGrace(Duration.ofDays(1_000_000))
                .build()) {
            long worker = get(pool.submit(() -> pid()));
            CompletableFuture<Void> slow = submitAndHear(pool, () -> {
                Offload.progress("running");
                while (!Files.exists(Path.of(end))) {
                    Thread.onSpinWait(); // does not look at its interrupt
                }
            });
            slow.cancel(true);
            Thread.sleep(500); // a grace that has overflowed is over at once
            createFile(end);
            assertThat(get(pool.submit(() -> pid()))).isEqualTo(worker);
        }
    }

    @Test
    void aWorkerThatDoesNotReadItsCallsIsReplaced() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = get(pool.submit(() -> pid()));
            stop(worker);
            assertThat(get(pool.submit(() -> pid()))).isNotEqualTo(worker);
        }
    }

    @Test
    void aWorkerThatGivesNoSignOfLifeIsReplacedAndOneThatOnlyComputesIsNot(@TempDir Path folder) throws Exception {
        String replaced = folder.resolve("replaced").toString();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .heartbeatTimeout(Duration.ofSeconds(5)) // healthy workers get a processor in that time
                .build()) {
            long silent = get(pool.submit(() -> pid()));
            CompletableFuture<Void> call = submitAndHear(pool, () -> {
                Offload.progress("running");
                Thread.sleep(Duration.ofHours(1));
            });
            CompletableFuture<Void> computing = submitAndHear(pool, () -> {
                Offload.progress("running");
                while (!Files.exists(Path.of(replaced))) {
                    spin(Duration.ofMillis(50));
                }
            });
            stop(silent);
            assertThatThrownBy(() -> get(call))
                    .hasCauseInstanceOf(WorkerCrashedException.class)
                    .hasMessageContaining("process " + silent + " ")
                    .hasMessageContaining("no sign of life");
            assertThat(get(pool.submit(() -> pid()))).isNotEqualTo(silent);
            createFile(replaced);
            get(computing);
            assertThat(pool.statistics().ended()).isEqualTo(Map.of(WorkerEnd.SILENT, 1L));
        }
    }

    private static void spin(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aCallThatSomebodyElseEndsIsStopped() throws Exception {
        try (var pool = patientPool(1)) {
            CompletableFuture<Void> late = submitAndHear(pool, () -> {
                        Offload.progress("running");
                        Thread.sleep(Duration.ofHours(1));
                    })
                    .orTimeout(50, TimeUnit.MILLISECONDS);
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
