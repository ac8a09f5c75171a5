package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class MapTest {

    private static final ProcessPoolExecutor POOL = ProcessPoolExecutor.create(2);

    @AfterAll
    static void closeThePool() {
        POOL.close();
    }

    private static int square(int n) {
        return n * n;
    }

    @Test
    void resultsComeInTheOrderOfTheirInputs() {
        List<Integer> inputs = IntStream.range(0, 100).boxed().toList();
        List<Integer> squares = inputs.stream().map(n -> n * n).toList();
        assertThat(POOL.map(MapTest::square, inputs)).containsExactlyElementsOf(squares);
        assertThat(POOL.map(MapOptions.DEFAULT.chunkSize(7), MapTest::square, inputs))
                .containsExactlyElementsOf(squares);
    }

    @Test
    void ofNothingIsNothing() {
        assertThat(POOL.map(MapTest::square, List.of())).isEmpty();
    }

    @Test
    void worksOnAnEndlessInputAndTakesNoMoreThanItMustAhead() {
        var taken = new AtomicInteger();
        Iterable<Integer> endless =
                () -> Stream.generate(taken::getAndIncrement).iterator();
        try (Stream<Integer> squares = POOL.map(new MapOptions(2, 3), MapTest::square, endless)) {
            assertThat(squares.limit(10)).containsExactly(0, 1, 4, 9, 16, 25, 36, 49, 64, 81);
        }
        assertThat(taken.get()).isLessThanOrEqualTo(10 + 2 * (3 + 1));
    }

    @Test
    void aFailureComesOutWhereItsResultWouldHave() {
        try (Stream<Integer> numbers = POOL.map(Integer::parseInt, List.of("1", "2", "x", "4"))) {
            var iterator = numbers.iterator();
            assertThat(iterator.next()).isEqualTo(1);
            assertThat(iterator.next()).isEqualTo(2);
            assertThatThrownBy(iterator::next).isInstanceOf(NumberFormatException.class);
        }
        assertThatThrownBy(() -> POOL.map(
                                n -> {
                                    if (n == 1) {
                                        throw new IOException("checked");
                                    }
                                    return n;
                                },
                                List.of(1))
                        .toList())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    void aShortQueueOnlySlowsItDown() throws Exception {
        try (var pool = ProcessPoolExecutor.builder().maxWorkers(1).maxQueued(1).build()) {
            pool.warmUp().get();
            assertThat(pool.map(new MapOptions(1, 20), MapTest::square, List.of(1, 2, 3, 4, 5, 6, 7)))
                    .containsExactly(1, 4, 9, 16, 25, 36, 49);
        }
    }

    @Test
    void closingTheStreamCancelsWhatIsUnderWay() {
        Stream<Integer> slow = POOL.map(
                n -> {
                    Thread.sleep(n * 3_600_000L);
                    return n;
                },
                List.of(0, 1, 1, 1));
        assertThat(slow.iterator().next()).isZero();
        slow.close();
        await().until(() -> POOL.statistics().busy() == 0 && POOL.statistics().queued() == 0);
    }

    @Test
    void badOptionsAreRefused() {
        assertThatThrownBy(() -> new MapOptions(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MapOptions.DEFAULT.ahead(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
