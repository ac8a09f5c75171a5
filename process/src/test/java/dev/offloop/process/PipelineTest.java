package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Offload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short calls that wait in the worker for the one before them. */
class PipelineTest {

    /** So many short calls that the pool sends them ahead. */
    private static void warm(ProcessPoolExecutor pool) throws Exception {
        List<CompletableFuture<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            calls.add(pool.submit(() -> 1));
        }
        for (CompletableFuture<Integer> call : calls) {
            get(call);
        }
    }

    private static int append(String file, int n) throws IOException {
        Files.writeString(Path.of(file), n + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return n;
    }

    @Test
    void everyCallRunsOnceAlsoWhenLongOnesComeBetween(@TempDir Path folder) throws Exception {
        String file = folder.resolve("ran").toString();
        try (var pool = ProcessPoolExecutor.create(2)) {
            warm(pool);
            List<CompletableFuture<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                int n = i;
                calls.add(pool.submit(() -> {
                    if (n % 50 == 0) {
                        Thread.sleep(15); // longer than those behind it should wait
                    }
                    return append(file, n);
                }));
            }
            for (int i = 0; i < calls.size(); i++) {
                assertThat(get(calls.get(i))).isEqualTo(i);
            }
        }
        assertThat(Files.readAllLines(Path.of(file))).hasSize(1_000).doesNotHaveDuplicates();
    }

    @Test
    void whatWaitsBehindALongCallMovesOnToAnotherWorker() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .cancelGrace(Duration.ZERO)
                .build()) {
            get(pool.warmUp());
            warm(pool);
            List<CompletableFuture<Integer>> calls = new ArrayList<>();
            CompletableFuture<Void> forEver = null;
            for (int i = 0; i < 500; i++) {
                int n = i;
                if (i == 250) {
                    forEver = pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
                }
                calls.add(pool.submit(() -> n));
            }
            for (int i = 0; i < calls.size(); i++) {
                assertThat(get(calls.get(i))).isEqualTo(i);
            }
            assertThat(forEver).isNotDone();
            forEver.cancel(true);
        }
    }

    @Test
    void aCallThatIsCancelledBehindALongOneNeverRuns(@TempDir Path folder) throws Exception {
        String file = folder.resolve("ran").toString();
        try (var pool = ProcessPoolExecutor.create(1)) {
            for (int round = 0; round < 20; round++) {
                warm(pool);
                String go = folder.resolve("go" + round).toString();
                var begun = new CountDownLatch(1);
                List<CompletableFuture<?>> others = new ArrayList<>();
                for (int i = 0; i < 60; i++) {
                    others.add(pool.submit(() -> 1));
                }
                others.add(pool.submit(CallOptions.DEFAULT.onProgress(_ -> begun.countDown()), () -> {
                    Offload.progress("running");
                    Calls.awaitFile(go);
                }));
                List<CompletableFuture<Integer>> behind = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    int n = round * 100 + i;
                    behind.add(pool.submit(() -> append(file, n)));
                }
                assertThat(begun.await(50, TimeUnit.SECONDS)).isTrue();
                CompletableFuture<Integer> victim = behind.remove(round % 10);
                assertThat(victim.cancel(false)).isTrue();
                Calls.createFile(go);
                others.addAll(behind);
                for (CompletableFuture<?> call : others) {
                    get(call);
                }
                assertThat(Files.readAllLines(Path.of(file)))
                        .hasSize(9 * (round + 1))
                        .doesNotHaveDuplicates()
                        .doesNotContain(Integer.toString(round * 100 + round % 10));
            }
        }
    }

    @Test
    void aCancellationWhileShortCallsStreamThroughCostsNoOtherCall(@TempDir Path folder) throws Exception {
        String file = folder.resolve("ran").toString();
        try (var pool = ProcessPoolExecutor.create(1)) {
            warm(pool);
            for (int round = 0; round < 50; round++) {
                List<CompletableFuture<Integer>> calls = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    int n = round * 100 + i;
                    calls.add(pool.submit(() -> append(file, n)));
                }
                CompletableFuture<Integer> victim = calls.get(30);
                if (victim.cancel(false)) { // it waits, or is just running
                    assertThatThrownBy(victim::get).isInstanceOf(CancellationException.class);
                }
                for (int i = 0; i < 40; i++) {
                    if (i != 30) {
                        assertThat(get(calls.get(i))).isEqualTo(round * 100 + i);
                    }
                }
            }
            assertThat(Files.readAllLines(Path.of(file))).doesNotHaveDuplicates();
        }
    }

    @Test
    void aCrashFailsTheCallThatRanAndNoneOfThoseBehindIt() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            warm(pool);
            List<CompletableFuture<Integer>> before = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                int n = i;
                before.add(pool.submit(() -> n));
            }
            CompletableFuture<Void> crash =
                    pool.submit(() -> Runtime.getRuntime().halt(3));
            for (int i = 100; i < 200; i++) {
                int n = i;
                before.add(pool.submit(() -> n));
            }
            for (int i = 0; i < before.size(); i++) {
                assertThat(get(before.get(i))).isEqualTo(i);
            }
            assertThatThrownBy(() -> get(crash)).hasCauseInstanceOf(WorkerCrashedException.class);
        }
    }

    @Test
    void maxTasksIsKeptToTheCall() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .maxTasksPerWorker(100)
                .build()) {
            List<CompletableFuture<Long>> calls = new ArrayList<>();
            for (int i = 0; i < 350; i++) {
                calls.add(pool.submit(() -> ProcessHandle.current().pid()));
            }
            List<Long> pids = new ArrayList<>();
            for (CompletableFuture<Long> call : calls) {
                pids.add(get(call));
            }
            assertThat(pids.stream().distinct().count()).isEqualTo(4);
            assertThat(pids.stream().filter(pids.getFirst()::equals).count()).isEqualTo(100);
        }
    }
}
