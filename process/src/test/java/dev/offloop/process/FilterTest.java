package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import org.junit.jupiter.api.Test;

/** Which classes may cross. */
class FilterTest {

    private record Evil(int x) implements Serializable {
        private Object readResolve() {
            throw new AssertionError("it was made");
        }
    }

    @Test
    void aResultThatTheFilterDoesNotLetThroughFailsItsCallOnly() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .resultFilter(ObjectInputFilter.Config.createFilter("java.base/*;!*"))
                .build()) {
            assertThatThrownBy(() -> get(pool.submit(() -> new Evil(1))))
                    .cause()
                    .isInstanceOf(NotTransferableException.class)
                    .hasMessageContaining("result filter");
            assertThat(get(pool.submit(() -> "fine"))).isEqualTo("fine");
            assertThatThrownBy(() -> get(pool.submit(() -> {
                        throw new IOException("exceptions of the JDK pass");
                    })))
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasCauseInstanceOf(RemoteStackTrace.class);
        }
    }

    @Test
    void aFunctionThatTheWorkersFilterDoesNotLetThroughFailsItsCallOnly() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .functionFilter("!dev.offloop.process.FilterTest$Evil;java.base/*")
                .build()) {
            assertThat(get(pool.submit(() -> "fine"))).isEqualTo("fine");
        }
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).functionFilter("!*").build()) {
            int captured = 4;
            assertThatThrownBy(() -> get(pool.submit(() -> captured)))
                    .hasCauseInstanceOf(NotTransferableException.class);
        }
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .resultFilter(ObjectInputFilter.Config.createFilter("maxarray=1000"))
                .build()) {
            assertThatThrownBy(() -> get(pool.submit(() -> new byte[1_000_000])))
                    .hasCauseInstanceOf(NotTransferableException.class);
            assertThat(get(pool.submit(() -> new byte[10]))).hasSize(10);
        }
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .functionFilter("!java.util.BitSet")
                .build()) {
            var captured = new java.util.BitSet();
            assertThatThrownBy(() -> get(pool.submit(() -> captured.size())))
                    .cause()
                    .isInstanceOf(NotTransferableException.class);
            assertThat(get(pool.submit(() -> "fine"))).isEqualTo("fine");
        }
    }
}
