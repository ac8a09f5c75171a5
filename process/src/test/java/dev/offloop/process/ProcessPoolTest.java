package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.awaitFile;
import static dev.offloop.process.Calls.createFile;
import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.isAlive;
import static dev.offloop.process.Calls.pid;
import static dev.offloop.process.Calls.submitAndHear;
import static dev.offloop.process.Calls.submitBlocker;
import static dev.offloop.process.Calls.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Offload;
import dev.offloop.RemoteCallable;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessPoolTest {

    @Test
    void aLambdaRunsInAnotherProcess() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            int captured = 6;
            assertThat(pool.submit(() -> captured * 7).get()).isEqualTo(42);
            assertThat(pool.submit(() -> pid()).get()).isNotEqualTo(pid());
        }
    }

    @Test
    void aVoidLambdaPicksTheSerializableForm() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            String captured = "x";
            assertThat(pool.submit(() -> {
                                if (captured.isEmpty()) {
                                    throw new java.io.IOException("checked");
                                }
                            })
                            .get())
                    .isNull();
        }
    }

    @Test
    void sequentialCallsUseOneWorker() throws Exception {
        try (var pool = ProcessPoolExecutor.create(4)) {
            long first = pool.submit(() -> pid()).get();
            for (int i = 0; i < 50; i++) {
                assertThat(pool.submit(() -> pid()).get()).isEqualTo(first);
            }
        }
    }

    @Test
    void manyCallsShareTheWorkersAndAllReturn() throws Exception {
        try (var pool = ProcessPoolExecutor.create(2)) {
            List<CompletableFuture<Integer>> calls =
                    IntStream.range(0, 2000).mapToObj(i -> pool.submit(() -> i)).toList();
            for (int i = 0; i < calls.size(); i++) {
                assertThat(calls.get(i).get()).isEqualTo(i);
            }
        }
    }

    @Test
    void largePayloadsGoThereAndBack() throws Exception {
        byte[] large = new byte[20_000_000];
        Arrays.fill(large, (byte) 7);
        try (var pool = ProcessPoolExecutor.create(1)) {
            assertThat(pool.submit(() -> large).get()).isEqualTo(large);
        }
    }

    @Test
    void theFunctionIsWrittenBeforeSubmitReturns() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            int[] box = {1};
            CompletableFuture<Integer> call = pool.submit(() -> box[0]);
            box[0] = 2;
            assertThat(call.get()).isEqualTo(1);
        }
    }

    @Test
    void cancelStopsARunningFunctionAndOnlyThat() throws Exception {
        try (var pool = ProcessPoolExecutor.create(2)) {
            long stopped = get(pool.submit(() -> pid()));
            CompletableFuture<Void> endless = submitAndHear(pool, () -> {
                Offload.progress("running");
                while (true) {
                    Thread.onSpinWait();
                }
            });
            long other = get(pool.submit(() -> pid()));
            assertThat(other).isNotEqualTo(stopped);
            assertThat(endless.cancel(true)).isTrue();
            assertThatThrownBy(endless::get).isInstanceOf(CancellationException.class);
            assertThat(get(pool.submit(() -> pid()))).isEqualTo(other);
            await().until(() -> !isAlive(stopped));
            assertThat(isAlive(other)).isTrue();
        }
    }

    @Test
    void aCallCancelledWhileItWaitsNeverRuns(@TempDir Path folder) throws Exception {
        String go = folder.resolve("go").toString();
        String ran = folder.resolve("ran").toString();
        try (var pool = ProcessPoolExecutor.create(1)) {
            CompletableFuture<Void> first = submitBlocker(pool, go);
            CompletableFuture<Void> second = pool.submit(() -> createFile(ran));
            assertThat(second.cancel(false)).isTrue();
            createFile(go);
            get(first);
            get(pool.submit(() -> 1));
            assertThat(Path.of(ran)).doesNotExist();
        }
    }

    @Test
    void theTimeoutOfACallCountsFromItsStartAndStopsIt(@TempDir Path folder) throws Exception {
        String go = folder.resolve("go").toString();
        Duration timeout = Duration.ofSeconds(3);
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).callTimeout(timeout).build()) {
            CallOptions patient = CallOptions.DEFAULT.timeout(Duration.ofHours(1));
            CompletableFuture<Void> first = submitAndHear(pool, patient, () -> {
                Offload.progress("running");
                awaitFile(go);
            });
            CompletableFuture<Integer> inTime = pool.submit(() -> 1);
            CompletableFuture<Void> late = pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
            CompletableFuture<Integer> after = pool.submit(patient, () -> 2);
            Thread.sleep(timeout.plusMillis(500)); // they wait longer than one may run
            createFile(go);
            get(first);
            assertThat(get(inTime)).isEqualTo(1);
            assertThatThrownBy(() -> get(late)).cause().isInstanceOf(TimeoutException.class);
            assertThat(get(after)).isEqualTo(2);
        }
    }

    @Test
    void closeRunsWhatWasSubmittedThenEndsAllProcesses() throws Exception {
        List<CompletableFuture<Long>> calls = new ArrayList<>();
        try (var pool = ProcessPoolExecutor.create(2)) {
            for (int i = 0; i < 20; i++) {
                calls.add(pool.submit(() -> pid()));
            }
        }
        for (CompletableFuture<Long> call : calls) {
            assertThat(call).isCompleted();
            assertThat(ProcessHandle.of(call.get()).filter(ProcessHandle::isAlive))
                    .isEmpty();
        }
    }

    @Test
    void closeDoesNotWaitForEver() throws Exception {
        CompletableFuture<Void> endless;
        var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .closeTimeout(Duration.ofMillis(300))
                .build();
        try (pool) {
            endless = pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
        }
        assertThatThrownBy(endless::get).isInstanceOf(CancellationException.class);
        assertThat(pool.isTerminated()).isTrue();
    }

    @Test
    void shutdownNowEndsEveryFutureThatItDrops() throws Exception {
        var pool = ProcessPoolExecutor.create(1);
        CompletableFuture<Void> running = pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
        CompletableFuture<Integer> waiting = pool.submit(() -> 1);
        List<Runnable> dropped = pool.shutdownNow();
        assertThat(dropped).isNotEmpty();
        assertThatThrownBy(running::get).isInstanceOf(CancellationException.class);
        assertThatThrownBy(waiting::get).isInstanceOf(CancellationException.class);
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aPoolThatWasShutDownRefuses() {
        var pool = ProcessPoolExecutor.create(1);
        pool.close();
        pool.close();
        assertThat(pool.isTerminated()).isTrue();
        assertThatThrownBy(() -> pool.submit(() -> 1)).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void aTimeoutOfForEverIsForEver() throws Exception {
        Duration forEver = java.time.temporal.ChronoUnit.FOREVER.getDuration();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .callTimeout(forEver)
                .closeTimeout(forEver)
                .build()) {
            assertThat(pool.submit(() -> 1).get()).isEqualTo(1);
        }
    }

    @Test
    void cancelledCallsDoNotPileUpInTheQueue() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            CompletableFuture<Void> blocker = pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
            List<WeakReference<CompletableFuture<Integer>>> cancelled = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                CompletableFuture<Integer> call = pool.submit(() -> 1);
                call.cancel(false);
                cancelled.add(new WeakReference<>(call));
            }
            await().until(() -> {
                System.gc();
                return cancelled.stream().filter(call -> !call.refersTo(null)).count() < 2000;
            });
            assertThat(blocker).isNotDone();
            blocker.cancel(true);
        }
    }

    @Test
    void executeTakesALambdaAndRefusesWhatCannotBeSent(@TempDir Path folder) throws Exception {
        String file = folder.resolve("ran").toString();
        try (var pool = ProcessPoolExecutor.create(1)) {
            pool.execute(() -> createFile(file));
            assertThatThrownBy(() -> CompletableFuture.supplyAsync(() -> 1, pool))
                    .isInstanceOf(NotTransferableException.class)
                    .hasMessageContaining("use pool.submit(function)");
        }
        assertThat(Path.of(file)).exists();
    }

    @Test
    void nullIsRefused() {
        try (var pool = ProcessPoolExecutor.create(1)) {
            assertThatThrownBy(() -> pool.submit((RemoteCallable<Object>) null))
                    .isInstanceOf(NullPointerException.class);
        }
    }

    @Test
    void invokeAllReturnsDoneFuturesInOrder() throws Exception {
        try (var pool = ProcessPoolExecutor.create(2)) {
            List<RemoteCallable<Integer>> functions = List.of(() -> 1, () -> 2, () -> {
                throw new IllegalStateException("three");
            });
            List<Future<Integer>> futures = pool.invokeAll(functions);
            assertThat(futures).allMatch(Future::isDone);
            assertThat(futures.get(1).get()).isEqualTo(2);
            assertThat(futures.get(2).exceptionNow()).hasMessage("three");
        }
    }

    @Test
    void invokeAllCancelsWhatIsNotDoneInTime() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            List<RemoteCallable<Integer>> functions = List.of(() -> {
                Thread.sleep(Duration.ofHours(1));
                return 1;
            });
            assertThat(pool.invokeAll(functions, 300, TimeUnit.MILLISECONDS)).allMatch(Future::isCancelled);
        }
    }

    @Test
    void invokeAnyReturnsTheFirstSuccess() throws Exception {
        try (var pool = ProcessPoolExecutor.create(2)) {
            List<RemoteCallable<Integer>> functions = List.of(
                    () -> {
                        throw new IllegalStateException("no");
                    },
                    () -> 2);
            assertThat(pool.invokeAny(functions)).isEqualTo(2);
            List<RemoteCallable<Integer>> failing = functions.subList(0, 1);
            assertThatThrownBy(() -> pool.invokeAny(failing))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasRootCauseInstanceOf(RemoteStackTrace.class);
        }
    }

    @Test
    void aPlainCallableOfASerializableClassGoesToo() throws Exception {
        record Named(int value) implements Callable<Integer>, java.io.Serializable {
            @Override
            public Integer call() {
                return value;
            }
        }
        try (var pool = ProcessPoolExecutor.create(1)) {
            Callable<Integer> callable = new Named(3);
            assertThat(pool.submit(callable).get()).isEqualTo(3);
        }
    }

    @Test
    void tenPoolsInARowLeaveNothingBehind() throws Exception {
        for (int i = 0; i < 10; i++) {
            try (var pool = ProcessPoolExecutor.create(1)) {
                pool.submit(() -> 1).get();
            }
        }
        assertThat(workers()).isEmpty();
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("offloop-processes-")
                        && !thread.getName().equals("offloop-processes-shutdown")));
    }
}
