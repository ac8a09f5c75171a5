package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.isAlive;
import static dev.offloop.process.Calls.pid;
import static dev.offloop.process.Calls.submitBlocker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of its pool's workers a process is, and what it has for itself by that. */
class WorkerIndexTest {

    private static String indexAndPort() {
        return WorkerContext.index() + " at " + System.getenv("PORT");
    }

    @Test
    void workersThatLiveAtATimeHaveDifferentIndexesAndEachItsOwnEnvironment(@TempDir Path folder) throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .environment("PORT", "none")
                .environment(index -> Map.of("PORT", Integer.toString(8000 + index)))
                .build()) {
            String file = folder.resolve("go-on").toString();
            var blocker = submitBlocker(pool, file);
            List<String> all = new ArrayList<>(List.of(get(pool.submit(WorkerIndexTest::indexAndPort))));
            assertThat(pool.statistics().each()).extracting(WorkerStatus::index).containsExactlyInAnyOrder(0, 1);
            var other = submitBlocker(pool, file + "2");
            Calls.createFile(file);
            get(blocker);
            all.add(get(pool.submit(WorkerIndexTest::indexAndPort)));
            Calls.createFile(file + "2");
            get(other);
            assertThat(all).containsExactlyInAnyOrder("0 at 8000", "1 at 8001");
        }
    }

    @Test
    void theWorkerAfterACrashHasTheIndexThatHasBecomeFree() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            assertThat(get(pool.submit(WorkerContext::index))).isZero();
            CompletableFuture<?> crash = pool.submit(() -> Runtime.getRuntime().halt(1));
            assertThat(catchThrowable(() -> get(crash))).hasCauseInstanceOf(WorkerCrashedException.class);
            assertThat(get(pool.submit(WorkerContext::index))).isZero();
        }
    }

    @Test
    void anEnvironmentByIndexIsNotHandedOnBeforeTheProcessThatHadItHasEnded() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .maxTasksPerWorker(1)
                .environment(_ -> Map.of())
                .build()) {
            long first = get(pool.submit(() -> {
                Runtime.getRuntime().addShutdownHook(new Thread(WorkerIndexTest::dawdle));
                return pid();
            }));
            assertThat(get(pool.submit(() -> isAlive(first)))).isFalse();
        }
    }

    private static void dawdle() {
        try {
            Thread.sleep(300);
        } catch (InterruptedException e) {
            // the end comes sooner then
        }
    }

    @Test
    void anEnvironmentThatCannotBeMadeFailsTheCallsWithWhatItsFunctionThrew() {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .environment(index -> Map.of("PORT", List.of("8000").get(index + 1)))
                .build()) {
            CompletableFuture<Integer> call = pool.submit(() -> 1);
            assertThat(catchThrowable(() -> get(call)).getCause())
                    .isInstanceOf(WorkerStartException.class)
                    .hasMessageContaining("environment(byIndex)")
                    .hasMessageContaining("index 0")
                    .hasCauseInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void aProcessThatIsNoWorkerHasNoIndex() {
        assertThat(WorkerContext.index()).isEqualTo(-1);
    }
}
