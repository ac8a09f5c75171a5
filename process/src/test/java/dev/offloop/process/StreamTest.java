package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Async;
import dev.offloop.CancelledError;
import dev.offloop.Future;
import dev.offloop.Offload;
import dev.offloop.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values that a function sends while it runs. */
class StreamTest {

    private static ProcessPoolExecutor pool;

    @BeforeAll
    static void makePool() {
        pool = ProcessPoolExecutor.builder().maxWorkers(2).maxHeap("64m").build();
    }

    @AfterAll
    static void closePool() {
        pool.close();
    }

    private static <T> List<T> all(RemoteStream<T> stream) {
        List<T> values = new ArrayList<>();
        stream.forEach(values::add);
        return values;
    }

    /** The values up to a failure, and the failure's message as the last one. */
    private static List<Object> allAndFailure(RemoteStream<?> stream) {
        List<Object> values = new ArrayList<>();
        try {
            stream.forEach(values::add);
        } catch (RuntimeException e) {
            values.add(e.getClass());
        }
        return values;
    }

    private static RemoteGenerator<Integer> numbers(int count) {
        return out -> {
            for (int i = 0; i < count; i++) {
                out.emit(i);
            }
        };
    }

    @Test
    void aThreadGetsAllValuesInTheirOrder() {
        List<Integer> values = all(pool.stream(numbers(100_000)));
        assertThat(values).hasSize(100_000).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aTaskAwaitsTheValuesAndOtherTasksRunMeanwhile() throws Exception {
        int ticks = Async.run(() -> {
            int[] ticked = {0};
            Task<Void> ticker = Async.createTask(() -> {
                while (true) {
                    Async.sleep(Duration.ofMillis(1));
                    ticked[0]++;
                }
            });
            assertThat(all(pool.<Integer>stream(out -> {
                        for (int i = 0; i < 5; i++) {
                            out.emit(i);
                            Thread.sleep(20);
                        }
                    })))
                    .containsExactly(0, 1, 2, 3, 4);
            ticker.cancel();
            return ticked[0];
        });
        assertThat(ticks).isGreaterThan(5);
    }

    @Test
    void aStreamMayHaveNoValuesAndNullsAreValues() {
        assertThat(all(pool.stream(_ -> {}))).isEmpty();
        assertThat(all(pool.<String>stream(out -> {
                    out.emit(null);
                    out.emit("x");
                })))
                .containsExactly(null, "x");
    }

    @Test
    void aValueArrivesThoughTheFunctionIsBusyWithSomethingElseAfterIt() {
        try (RemoteStream<Integer> stream = pool.stream(out -> {
            out.emit(1);
            out.emit(2);
            out.emit(3);
            Thread.sleep(3_600_000);
        })) {
            Iterator<Integer> values = stream.iterator();
            assertThat(List.of(values.next(), values.next(), values.next())).containsExactly(1, 2, 3);
        }
    }

    @Test
    void whatTheFunctionThrowsComesAfterTheValuesBeforeIt() {
        assertThat(allAndFailure(pool.<Integer>stream(out -> {
                    out.emit(1);
                    out.emit(2);
                    throw new ArithmeticException("no more");
                })))
                .containsExactly(1, 2, ArithmeticException.class);
        assertThatThrownBy(() -> all(pool.<Integer>stream(_ -> {
                    throw new IOException("checked");
                })))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    void aCrashInTheMiddleComesAfterTheValuesThatHadArrived() {
        assertThat(allAndFailure(pool.<Integer>stream(out -> {
                    for (int i = 0; i < 1000; i++) {
                        out.emit(i);
                    }
                    Thread.sleep(100); // until the last values have gone
                    Runtime.getRuntime().halt(3);
                })))
                .hasSize(1001)
                .endsWith(999, WorkerCrashedException.class);
    }

    @Test
    void whatTheFunctionReportsAsProgressIsNoValue() {
        assertThat(all(pool.<String>stream(out -> {
                    out.emit("a");
                    Offload.progress(new byte[] {1, 2, 3});
                    Offload.progress(new byte[100]);
                    Offload.progress("b");
                    out.emit("c");
                })))
                .containsExactly("a", "c");
    }

    @Test
    void aDependentThatReadsAStreamOnThePoolsThreadIsTold() {
        try (RemoteStream<Integer> stream = pool.stream(numbers(10))) {
            CompletableFuture<List<Integer>> read = pool.submit(() -> {
                        Thread.sleep(50); // so that the dependent runs on the pool's thread
                        return 1;
                    })
                    .thenApply(_ -> all(stream));
            assertThatThrownBy(() -> get(read))
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("thenApplyAsync");
        }
    }

    @Test
    void aStreamThatHasFailedIsAtItsEnd() {
        Iterator<Integer> values = pool.<Integer>stream(_ -> {
                    throw new ArithmeticException();
                })
                .iterator();
        assertThatThrownBy(values::hasNext).isInstanceOf(ArithmeticException.class);
        assertThat(values.hasNext()).isFalse();
    }

    @Test
    void aSlowReaderSlowsItsFunctionDownSoThatFewValuesAreInMemory(@TempDir Path folder) throws Exception {
        String progress = folder.resolve("progress").toString();
        try (RemoteStream<byte[]> stream = pool.stream(out -> {
            for (int i = 0; i < 1000; i++) { // 400 MB, in a heap of 64 MB
                Files.writeString(Path.of(progress), "x", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                out.emit(new byte[400_000]);
            }
        })) {
            Iterator<byte[]> values = stream.iterator();
            for (int i = 0; i < 20; i++) {
                assertThat(values.next()).hasSize(400_000);
                Thread.sleep(10);
            }
            assertThat(Files.size(Path.of(progress))).isLessThan(150);
        }
    }

    @Test
    void closingStopsTheFunctionAndKeepsItsWorker() throws Exception {
        try (ProcessPoolExecutor one = Calls.patientPool(1)) {
            long worker = get(one.submit(() -> pid()));
            RemoteStream<Integer> stream = one.stream(out -> {
                for (int i = 0; true; i++) {
                    out.emit(i);
                }
            });
            Iterator<Integer> values = stream.iterator();
            assertThat(values.next()).isZero();
            stream.close();
            stream.close();
            assertThatThrownBy(values::next).isInstanceOf(IllegalStateException.class);
            assertThat(get(one.submit(() -> pid()))).isEqualTo(worker);
        }
    }

    @Test
    void theCancellationOfATaskThatWaitsForAValueStopsTheFunction() throws Exception {
        try (ProcessPoolExecutor one = Calls.patientPool(1)) {
            long worker = get(one.submit(() -> pid()));
            Async.run(() -> {
                Task<List<Integer>> reader = Async.createTask(() -> all(one.<Integer>stream(out -> {
                    out.emit(1);
                    Thread.sleep(3_600_000);
                })));
                Async.sleep(Duration.ofMillis(200));
                reader.cancel();
                assertThatThrownBy(() -> Async.await(reader)).isInstanceOf(CancelledError.class);
            });
            assertThat(get(one.submit(() -> pid()))).isEqualTo(worker);
        }
    }

    @Test
    void aStreamThatIsForgottenGivesItsWorkerBack() throws Exception {
        try (ProcessPoolExecutor one = Calls.patientPool(1)) {
            firstOf(one.stream(numbers(Integer.MAX_VALUE)));
            Calls.await().until(() -> {
                System.gc();
                return one.statistics().busy() == 0;
            });
            assertThat(get(one.submit(() -> 1))).isOne();
        }
    }

    private static void firstOf(RemoteStream<Integer> stream) {
        for (int value : stream) {
            assertThat(value).isZero();
            break;
        }
    }

    @Test
    void aReaderOfAPoolThatIsShutDownAtOnceHearsOfIt() {
        ProcessPoolExecutor one = ProcessPoolExecutor.create(1);
        Iterator<Integer> values = one.stream(numbers(Integer.MAX_VALUE)).iterator();
        assertThat(values.next()).isZero();
        one.shutdownNow();
        assertThatThrownBy(() -> values.forEachRemaining(_ -> {})).isInstanceOf(CancellationException.class);
        one.close();
    }

    @Test
    void aStreamThatTakesTooLongFailsInTime() {
        RemoteStream<Integer> stream = pool.stream(CallOptions.DEFAULT.timeout(Duration.ofMillis(200)), out -> {
            out.emit(1);
            Thread.sleep(3_600_000);
        });
        assertThat(allAndFailure(stream).getLast()).isEqualTo(CompletionException.class);
    }

    @Test
    void severalStreamsAndCallsRunBesideEachOther() throws Exception {
        Async.run(() -> {
            List<Future<List<Integer>>> readers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                readers.add(Async.createTask(() -> all(pool.stream(numbers(2_000)))));
            }
            for (List<Integer> values : Async.await(Async.gather(readers))) {
                assertThat(values).hasSize(2_000).isSorted();
            }
        });
    }

    @Test
    void aValueThatCannotBeSentFailsTheEmitter() {
        assertThatThrownBy(() -> all(pool.<Object>stream(out -> out.emit(new Object()))))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("value of the stream");
    }

    @Test
    void theValuesAreThereOnce() {
        RemoteStream<Integer> stream = pool.stream(numbers(1));
        assertThat(all(stream)).containsExactly(0);
        assertThatThrownBy(stream::iterator).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aStreamCannotBeRetried() {
        assertThatThrownBy(() -> pool.stream(CallOptions.DEFAULT.retryOnCrash(1), numbers(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("twice");
    }

    @Test
    void theResultsOfMapAreAwaitedInATask() throws Exception {
        int ticks = Async.run(() -> {
            int[] ticked = {0};
            Task<Void> ticker = Async.createTask(() -> {
                while (true) {
                    Async.sleep(Duration.ofMillis(1));
                    ticked[0]++;
                }
            });
            assertThat(pool.map(
                                    (Integer i) -> {
                                        Thread.sleep(50);
                                        return i + 1;
                                    },
                                    List.of(1, 2, 3, 4))
                            .toList())
                    .containsExactly(2, 3, 4, 5);
            ticker.cancel();
            return ticked[0];
        });
        assertThat(ticks).isGreaterThan(5);
    }
}
