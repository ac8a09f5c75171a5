package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;

/** Arguments and results that are too large for the process that has to read them. */
class OversizedArgumentTest {

    private static final int MEBI = 1024 * 1024;

    @Test
    void anArgumentLargerThanTheHeapIsNotSentAndCostsNoWorker() throws Exception {
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).maxHeap("64m").build()) {
            long before = get(pool.submit(Calls::pid));
            byte[] large = new byte[300 * MEBI];
            assertThat(catchThrowable(() -> get(pool.submit(() -> large.length)))
                            .getCause())
                    .isInstanceOf(WorkerOutOfMemoryException.class)
                    .hasMessageContaining("300 MiB")
                    .hasMessageContaining("maxHeap")
                    .hasMessageContaining("not sent");
            assertThat(get(pool.submit(Calls::pid))).isEqualTo(before);
        }
    }

    @Test
    void anArgumentThatFillsTheHeapFailsItsCallAndIsNotRepeated() throws Exception {
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).maxHeap("64m").build()) {
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
            byte[] large = new byte[58 * MEBI];
            assertThat(catchThrowable(() -> get(pool.submit(() -> large.length + new byte[20 * MEBI].length)))
                            .getCause())
                    .isInstanceOf(WorkerOutOfMemoryException.class)
                    .hasMessageContaining("58 MiB");
            assertThat(get(pool.submit(() -> 2))).isEqualTo(2);
            assertThat(pool.statistics().ended()).containsEntry(WorkerEnd.OUT_OF_MEMORY, 1L);
        }
    }

    @Test
    void aResultLargerThanTheLimitFailsItsCallOnly() throws Exception {
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).maxResultSize(MEBI).build()) {
            assertThat(catchThrowable(() -> get(pool.submit(() -> new byte[2 * MEBI]))))
                    .hasCauseInstanceOf(NotTransferableException.class)
                    .hasMessageContaining("maxResultSize");
            assertThat(get(pool.submit(() -> new byte[MEBI / 2]))).hasSize(MEBI / 2);
            assertThat(pool.statistics().ended()).containsEntry(WorkerEnd.PROTOCOL_ERROR, 1L);
        }
    }
}
