package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that do not become ready. */
class StartTimeoutTest {

    private static void neverEnds() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    private static void ignoresInterrupts() {
        while (true) {
            Thread.onSpinWait();
        }
    }

    /** A worker comes to its initializer in that time, and has all the time to say where it hangs. */
    private static ProcessPoolExecutor.Builder impatient() {
        return ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .startTimeout(Duration.ofSeconds(6))
                .cancelGrace(Duration.ofHours(1));
    }

    @Test
    void anInitializerThatHangsFailsTheCallsAndIsNamed() {
        try (var pool = impatient().initializer(() -> neverEnds()).build()) {
            assertThat(catchThrowable(() -> get(pool.submit(() -> 1))))
                    .hasCauseInstanceOf(WorkerStartException.class)
                    .hasMessageContaining("within 6 s")
                    .hasMessageContaining("StartTimeoutTest.neverEnds");
            assertThat(pool.statistics().ended()).containsEntry(WorkerEnd.NOT_STARTED, 1L);
        }
    }

    @Test
    void anInitializerThatIgnoresInterruptsIsNamedToo() {
        try (var pool = impatient().initializer(() -> ignoresInterrupts()).build()) {
            assertThat(catchThrowable(() -> get(pool.submit(() -> 1))))
                    .hasCauseInstanceOf(WorkerStartException.class)
                    .hasMessageContaining("StartTimeoutTest.ignoresInterrupts");
        }
    }

    @Test
    void aProcessThatNeverConnectsFailsTheCalls(@TempDir Path folder) throws Exception {
        Path java = folder.resolve("java");
        Files.writeString(java, "#!/bin/sh\nexec sleep 600\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        try (var pool = impatient().java(java).build()) {
            assertThat(catchThrowable(() -> get(pool.submit(() -> 1))))
                    .hasCauseInstanceOf(WorkerStartException.class)
                    .hasMessageContaining("was not ready within 6 s");
        }
    }

    @Test
    void aPoolCanBeClosedWhileItsInitializerHangs() {
        var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .initializer(() -> neverEnds())
                .closeTimeout(Duration.ofMillis(300))
                .build();
        var call = pool.submit(() -> 1);
        pool.close();
        assertThat(call).isCancelled();
        assertThat(pool.isTerminated()).isTrue();
    }
}
