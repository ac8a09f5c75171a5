package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.patientPool;
import static dev.offloop.process.Calls.pid;
import static dev.offloop.process.Calls.submitAndHear;
import static dev.offloop.process.Calls.waitsForACall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Offload;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a function does to the threads and streams of its process, and what has to work all the same. */
class WorkerIsolationTest {

    /** In a worker: whether threads that interrupt others go on. */
    private static volatile boolean interrupting;

    /** In a worker: starts a thread that interrupts the calling thread without a pause. */
    private static void interruptThisThread() {
        Thread victim = Thread.currentThread();
        interrupting = true;
        Thread.ofPlatform().daemon().start(() -> {
            while (interrupting) {
                victim.interrupt();
            }
        });
        while (!victim.isInterrupted()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aFunctionThatIsInterruptedWhileItReportsProgressDeliversAllOfItAndItsResult() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = get(pool.submit(() -> pid()));
            List<Object> heard = Collections.synchronizedList(new ArrayList<>());
            CompletableFuture<Long> call = pool.submit(CallOptions.DEFAULT.onProgress(heard::add), () -> {
                interruptThisThread();
                for (int i = 0; i < 5000; i++) {
                    Offload.progress(i);
                }
                interrupting = false;
                return pid();
            });
            assertThat(get(call)).isEqualTo(worker);
            assertThat(heard).hasSize(5000).startsWith(0, 1, 2).endsWith(4999);
        }
    }

    @Test
    void anInterruptDoesNotTearLargeValuesThatTheSocketCannotTakeAtOnce() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            List<Integer> lengths = Collections.synchronizedList(new ArrayList<>());
            CompletableFuture<byte[]> call =
                    pool.submit(CallOptions.DEFAULT.onProgress(value -> lengths.add(((byte[]) value).length)), () -> {
                        interruptThisThread();
                        for (int i = 1; i <= 5; i++) {
                            Offload.progress(new byte[i * 1_000_000]);
                        }
                        return new byte[7_000_000]; // the thread is still interrupted while this is written
                    });
            assertThat(get(call)).hasSize(7_000_000);
            assertThat(lengths).containsExactly(1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000);
        }
    }

    @Test
    void aFunctionStillSeesAnInterruptAfterItHasReportedProgress() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            assertThat(get(pool.submit(CallOptions.DEFAULT.onProgress(_ -> {}), () -> {
                        Thread.currentThread().interrupt();
                        Offload.progress(new byte[3_000_000]);
                        return Thread.interrupted();
                    })))
                    .isTrue();
        }
    }

    @Test
    void aThreadThatAFunctionLeavesBehindInterruptsTheMainThreadAndTheWorkerStays() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = get(pool.submit(() -> {
                interruptThisThread();
                return pid();
            }));
            for (int i = 0; i < 1000; i++) {
                assertThat(get(pool.submit(() -> pid()))).isEqualTo(worker);
            }
            assertThat(get(pool.submit(() -> {
                        interrupting = false;
                        return pid();
                    })))
                    .isEqualTo(worker);
        }
    }

    @Test
    void anInterruptBetweenTwoCallsIsNotSeenByTheNext(@TempDir Path folder) throws Exception {
        String interrupted = folder.resolve("interrupted").toString();
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = get(pool.submit(() -> {
                Thread main = Thread.currentThread();
                Thread.ofPlatform().daemon().start(() -> {
                    while (!waitsForACall(main)) {
                        Thread.onSpinWait();
                    }
                    main.interrupt();
                    boolean _ = new File(interrupted).mkdir();
                });
                return pid();
            }));
            await().until(() -> Files.exists(Path.of(interrupted)));
            assertThat(get(pool.submit(() -> Thread.interrupted()))).isFalse();
            assertThat(get(pool.submit(() -> pid()))).isEqualTo(worker);
        }
    }

    // ---- standard input

    /** Runs a command that inherits this process's streams, and returns its exit code. */
    private static int runWithInheritedStreams(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    @Test
    void aProcessThatAFunctionStartsFindsItsInheritedInputAtTheEnd() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            assertThat(get(pool.submit(() -> runWithInheritedStreams("cat")))).isZero();
        }
    }

    @Test
    void aProcessThatReadsItsInheritedInputTakesNoCancellationAway() throws Exception {
        try (var pool = patientPool(1)) {
            long worker = get(pool.submit(() -> pid()));
            for (int i = 0; i < 5; i++) {
                CompletableFuture<Void> call = submitAndHear(pool, () -> {
                    Process reader = new ProcessBuilder("cat").inheritIO().start();
                    try {
                        Offload.progress("running");
                        Thread.sleep(Duration.ofHours(1));
                    } finally {
                        reader.destroyForcibly();
                    }
                });
                call.cancel(true);
                assertThat(get(pool.submit(() -> pid()))).isEqualTo(worker);
            }
        }
    }

    @Test
    void aCommandPrefixThatTakesTheStandardInputAwayFailsTheCallsAndTheirExceptionSaysWhy() {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .commandPrefix("sh", "-c", "cat > /dev/null; exec \"$@\"", "sh")
                .output(WorkerOutput.discarded())
                .build()) {
            assertThatThrownBy(() -> get(pool.submit(() -> 1)))
                    .cause()
                    .isInstanceOf(WorkerStartException.class)
                    .hasMessageContaining("no handshake")
                    .hasMessageContaining("command prefix");
        }
    }

    // ---- the threads of the worker itself

    @Test
    void aFunctionThatInterruptsAllThreadsCanStillBeCancelled() throws Exception {
        try (var pool = patientPool(1)) {
            long worker = get(pool.submit(() -> pid()));
            CompletableFuture<Void> call = submitAndHear(pool, () -> {
                var cancelled = new CountDownLatch(1);
                WorkerContext.onCancel(cancelled::countDown);
                for (int i = 0; i < 1000; i++) {
                    Thread.getAllStackTraces().keySet().forEach(Thread::interrupt);
                }
                boolean _ = Thread.interrupted();
                Offload.progress("running");
                while (cancelled.getCount() > 0) {
                    Thread.onSpinWait();
                }
            });
            call.cancel(true);
            assertThat(get(pool.submit(() -> pid()))).isEqualTo(worker);
        }
    }

    @Test
    void aWorkerThatHasNothingToDoEndsAtOnceWhenItsPoolIsClosed() throws Exception {
        // A JVM that exits while another thread is in a system call waits for 300 ms at least, each time.
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 50 && least >= 250; i++) {
            var pool = ProcessPoolExecutor.create(1);
            get(pool.warmUp());
            long start = System.nanoTime();
            pool.close();
            least = Math.min(least, (System.nanoTime() - start) / 1_000_000);
        }
        assertThat(least).isLessThan(250);
    }
}
