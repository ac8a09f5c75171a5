package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Workers that are kept ready to take the place of others. */
class SpareWorkerTest {

    private static ProcessPoolExecutor.Builder builder() {
        return ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .spareWorkers(1)
                .maxHeap("64m")
                .cancelGrace(Duration.ZERO)
                .output(WorkerOutput.discarded());
    }

    /** Waits until all workers are ready, and returns their process ids. */
    private static Set<Long> idle(ProcessPoolExecutor pool, int count) {
        await().until(() ->
                pool.statistics().idle() == count && pool.statistics().workers() == count);
        return pool.statistics().each().stream().map(WorkerStatus::pid).collect(Collectors.toSet());
    }

    @Test
    void aSpareWorkerIsReadyWhenAnotherOneHasCrashed() throws Exception {
        try (ProcessPoolExecutor pool = builder().build()) {
            get(pool.submit(Calls::pid));
            Set<Long> both = idle(pool, 2);
            CompletableFuture<Object> crash = pool.submit(() -> {
                Runtime.getRuntime().halt(1);
                return null;
            });
            long next = get(pool.submit(Calls::pid));
            assertThatThrownBy(() -> get(crash)).isInstanceOf(ExecutionException.class);
            assertThat(both).contains(next); // whichever of them it was that crashed
            assertThat(idle(pool, 2)).contains(next).isNotEqualTo(both);
        }
    }

    @Test
    void aSpareWorkerIsReadyWhenAnotherOneWasKilledForItsTimeout() throws Exception {
        try (ProcessPoolExecutor pool = builder().build()) {
            get(pool.submit(Calls::pid));
            Set<Long> both = idle(pool, 2);
            CompletableFuture<Object> late = pool.submit(CallOptions.DEFAULT.timeout(Duration.ofMillis(20)), () -> {
                while (true) {
                    Thread.onSpinWait();
                }
            });
            long next = get(pool.submit(Calls::pid));
            assertThatThrownBy(() -> get(late)).hasCauseInstanceOf(CallTimeoutException.class);
            assertThat(both).contains(next); // whichever of them it was that was killed
        }
    }

    @Test
    void aSpareWorkerTakesTheNextCallWhenAnotherOneIsRetired() throws Exception {
        try (ProcessPoolExecutor pool = builder().maxTasksPerWorker(1).build()) {
            get(pool.submit(Calls::pid));
            for (int i = 0; i < 3; i++) {
                Set<Long> ready = idle(pool, 1);
                assertThat(ready).contains(get(pool.submit(Calls::pid)));
            }
        }
    }

    @Test
    void noMoreWorkersRunCallsThanMay() throws Exception {
        try (ProcessPoolExecutor pool = builder().build()) {
            get(pool.submit(Calls::pid));
            idle(pool, 2);
            List<CompletableFuture<Long>> all = IntStream.range(0, 20)
                    .mapToObj(_ -> pool.submit(() -> {
                        Thread.sleep(5);
                        return Calls.pid();
                    }))
                    .toList();
            assertThat(pool.statistics().busy()).isLessThanOrEqualTo(1);
            for (CompletableFuture<Long> each : all) {
                assertThat(get(each)).isEqualTo(get(all.getFirst()));
            }
        }
    }

    @Test
    void theSpareWorkerStaysWhenTheOthersAreRetired() throws Exception {
        try (ProcessPoolExecutor pool =
                builder().maxWorkers(2).idleTimeout(Duration.ofMillis(50)).build()) {
            pool.warmUp();
            await().until(() -> pool.statistics().started() == 3);
            Set<Long> left = idle(pool, 1);
            Thread.sleep(200);
            assertThat(idle(pool, 1)).isEqualTo(left).contains(get(pool.submit(Calls::pid)));
        }
    }

    @Test
    void aPoolWithSpareWorkersEndsWithAllOfThem() throws Exception {
        ProcessPoolExecutor pool = builder().maxWorkers(2).spareWorkers(2).build();
        get(pool.warmUp());
        Set<Long> all = idle(pool, 4);
        assertThat(all).hasSize(4);
        assertThat(pool.statistics().each().stream().map(WorkerStatus::index)).containsExactlyInAnyOrder(0, 1, 2, 3);
        pool.close();
        assertThat(all.stream().flatMap(pid -> ProcessHandle.of(pid).stream()).filter(ProcessHandle::isAlive))
                .isEmpty();
    }

    @Test
    void anInitializerThatFailsFailsTheCallsInSpiteOfSpareWorkers() {
        try (ProcessPoolExecutor pool = builder()
                .initializer(() -> {
                    throw new IllegalStateException("no licence");
                })
                .build()) {
            assertThatThrownBy(() -> get(pool.submit(Calls::pid))).hasCauseInstanceOf(WorkerStartException.class);
        }
    }
}
