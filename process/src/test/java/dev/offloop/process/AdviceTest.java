package dev.offloop.process;

import static dev.offloop.Async.await;
import static dev.offloop.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.EventLoop;
import dev.offloop.monitor.Finding;
import dev.offloop.monitor.Finding.Kind;
import dev.offloop.monitor.OffloadAdvisor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Advice on planted examples of calls in worker processes. Each has a class of its own, by which it finds its site. */
class AdviceTest {

    private static final long LONGEST_NANOS = 20_000_000_000L;

    private static List<Finding> findingsIn(Class<?> example) {
        return OffloadAdvisor.findings().stream()
                .filter(finding -> finding.site().contains(example.getSimpleName()))
                .toList();
    }

    private static void assertOnly(Kind kind, Class<?> example) {
        assertThat(findingsIn(example))
                .as(OffloadAdvisor.report())
                .extracting(Finding::kind)
                .containsOnly(kind);
    }

    static final class TooFine {
        static void run(ProcessPoolExecutor pool) {
            long end = System.nanoTime() + LONGEST_NANOS;
            for (int i = 1; System.nanoTime() < end; i++) {
                int _ = pool.submit(() -> 1).join();
                if (i % 3_000 == 0 && !findingsIn(TooFine.class).isEmpty()) {
                    return;
                }
            }
        }
    }

    @Test
    void tinyFunctionsShouldBeSentInChunks() {
        try (var pool = ProcessPoolExecutor.create(1)) {
            TooFine.run(pool);
            assertOnly(Kind.TOO_FINE, TooFine.class);
            assertThat(findingsIn(TooFine.class).getFirst().advice()).contains("chunkSize");
        }
    }

    static final class Mapped {
        static int next(int number) {
            return number + 1;
        }

        static void run(ProcessPoolExecutor pool) {
            List<Integer> numbers = IntStream.range(0, 20_000).boxed().toList();
            assertThat(pool.map(MapOptions.DEFAULT.chunkSize(1), Mapped::next, numbers)
                            .count())
                    .isEqualTo(20_000);
        }
    }

    @Test
    void mappedFunctionIsNamedThoughThePoolWrapsIt() {
        try (var pool = ProcessPoolExecutor.create(1)) {
            Mapped.run(pool);
            assertOnly(Kind.TOO_FINE, Mapped.class);
        }
    }

    static final class SerializationBound {
        static void run(ProcessPoolExecutor pool) {
            List<String> large = IntStream.range(0, 50_000)
                    .mapToObj(i -> "text number " + i)
                    .collect(Collectors.toCollection(ArrayList::new));
            for (int i = 0; i < 40; i++) {
                assertThat(pool.submit(() -> large.size()).join()).isEqualTo(50_000);
            }
        }
    }

    @Test
    void largeArgumentsOfAShortFunctionAreReported() {
        try (var pool = ProcessPoolExecutor.create(1)) {
            SerializationBound.run(pool);
        }
        assertOnly(Kind.SERIALIZATION_BOUND, SerializationBound.class);
    }

    static final class Healthy {
        static void run(ProcessPoolExecutor pool) throws Exception {
            for (int i = 0; i < 300; i++) {
                await(EventLoop.current().runInExecutor(pool, () -> Thread.sleep(3)));
            }
        }
    }

    @Test
    void healthyCallsGetNoAdvice() throws Exception {
        try (var pool = ProcessPoolExecutor.create(2)) {
            run(() -> Healthy.run(pool));
        }
        assertThat(findingsIn(Healthy.class)).isEmpty();
    }
}
