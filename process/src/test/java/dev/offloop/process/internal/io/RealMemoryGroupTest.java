package dev.offloop.process.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.offloop.process.ProcessPoolExecutor;
import dev.offloop.process.WorkerOutOfMemoryException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A limit of memory by control groups of a real kernel. */
class RealMemoryGroupTest {

    @Test
    void theKernelKillsAWorkerWhoseChildHasTooMuchMemory() throws Exception {
        assumeTrue(
                MemoryGroups.find() != null,
                "no cgroup (version 2) with the memory controller is delegated to this process");
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).memoryLimit("160m").build()) {
            var call = pool.submit(
                    () -> new ProcessBuilder("sh", "-c", "head -c 400000000 /dev/zero | tail -c 400000000 | wc -c")
                            .start()
                            .waitFor());
            Throwable failure = catchThrowable(() -> call.get(50, TimeUnit.SECONDS));
            assertThat(failure).hasCauseInstanceOf(WorkerOutOfMemoryException.class);
            assertThat(((WorkerOutOfMemoryException) failure.getCause()).memoryLimit())
                    .hasValue(160 << 20);
        }
    }
}
