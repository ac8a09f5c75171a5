package dev.offloop.process;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.yieldNow;
import static dev.offloop.process.Calls.awaitFile;
import static dev.offloop.process.Calls.createFile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CancelledError;
import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pool as an event loop's executor. */
class ProcessesOnTheLoopTest {

    static int square(int n) {
        return n * n;
    }

    @Test
    void lambdasAndMethodReferencesGoAsTheyAre() throws Exception {
        run(() -> {
            EventLoop loop = EventLoop.current();
            try (var processes = ProcessPoolExecutor.create(1)) {
                assertThat(await(loop.runInExecutor(processes, () -> square(50))))
                        .isEqualTo(2500);
                Future<Integer> parsed = loop.runInExecutor(processes, Integer::parseInt, "12");
                assertThat(await(parsed)).isEqualTo(12);
                Future<Integer> sum = loop.runInExecutor(processes, Math::addExact, 40, 2);
                assertThat(await(sum)).isEqualTo(42);
                await(loop.runInExecutor(processes, () -> {
                    Thread.sleep(1);
                }));
                Executor hidden = processes;
                assertThatThrownBy(() -> await(loop.runInExecutor(hidden, () -> 1)))
                        .isInstanceOf(NotTransferableException.class);
            }
        });
    }

    @Test
    void failuresAreRaisedWhereTheyAreAwaited() throws Exception {
        run(() -> {
            EventLoop loop = EventLoop.current();
            try (var processes = ProcessPoolExecutor.create(1)) {
                assertThatThrownBy(() -> await(loop.runInExecutor(processes, () -> {
                            throw new IOException("disk");
                        })))
                        .isInstanceOf(IOException.class)
                        .hasCauseInstanceOf(RemoteStackTrace.class);
                assertThatThrownBy(() -> await(loop.runInExecutor(processes, () -> System.exit(5))))
                        .isInstanceOf(WorkerCrashedException.class);
            }
        });
    }

    @Test
    void aCancelledTaskStopsItsFunction(@TempDir Path folder) throws Exception {
        String begun = folder.resolve("begun").toString();
        run(() -> {
            EventLoop loop = EventLoop.current();
            try (var processes = Calls.patientPool(1)) {
                Task<Object> task = createTask(() -> await(loop.runInExecutor(processes, () -> {
                    createFile(begun);
                    Thread.sleep(Duration.ofHours(1));
                    return 1;
                })));
                while (!Files.exists(Path.of(begun))) {
                    sleep(Duration.ofMillis(5));
                }
                task.cancel();
                assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
                assertThat(await(loop.runInExecutor(processes, () -> 2))).isEqualTo(2);
            }
        });
    }

    @Test
    void theLoopGoesOnWhileWorkersCompute(@TempDir Path folder) throws Exception {
        String go = folder.resolve("go").toString();
        run(() -> {
            EventLoop loop = EventLoop.current();
            try (var processes = ProcessPoolExecutor.create(2)) {
                List<Future<Integer>> calls = IntStream.range(0, 100)
                        .mapToObj(i -> loop.runInExecutor(processes, () -> {
                            awaitFile(go);
                            return square(i);
                        }))
                        .toList();
                Future<List<Integer>> all = gather(calls);
                for (int turns = 0; turns < 100; turns++) {
                    yieldNow();
                }
                assertThat(calls).noneMatch(Future::done);
                createFile(go);
                assertThat(await(all)).startsWith(0, 1, 4).endsWith(99 * 99);
            }
        });
    }

    @Test
    void aClosedPoolFailsTheFuture() throws Exception {
        var closed = ProcessPoolExecutor.create(1);
        closed.close();
        run(() -> assertThatThrownBy(() -> await(EventLoop.current().runInExecutor(closed, () -> 1)))
                .isInstanceOf(RejectedExecutionException.class));
    }

    @Test
    void itCannotBeTheDefaultExecutor() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            run(() -> assertThatThrownBy(() -> EventLoop.current().setDefaultExecutor(pool))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("runInExecutor"));
        }
    }

    @Test
    void aTaskThatClosesAPoolLetsOthersRun(@TempDir Path folder) throws Exception {
        String go = folder.resolve("go").toString();
        run(() -> {
            var pool = ProcessPoolExecutor.create(1);
            CompletableFuture<Void> call = pool.submit(() -> awaitFile(go));
            Task<?> closer = createTask(() -> pool.close());
            while (!pool.isShutdown()) {
                yieldNow();
            }
            for (int turns = 0; turns < 5; turns++) {
                sleep(Duration.ofMillis(5));
            }
            assertThat(closer.done()).isFalse();
            createFile(go);
            await(closer);
            assertThat(call).isCompleted();
            assertThat(pool.isTerminated()).isTrue();
        });
    }

    @Test
    void aCancellationOfTheCloserCancelsTheCallsAtOnce() throws Exception {
        run(() -> {
            var pool = ProcessPoolExecutor.create(1);
            CompletableFuture<Void> call = pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
            Task<?> closer = createTask(() -> pool.close());
            while (!pool.isShutdown()) {
                yieldNow();
            }
            closer.cancel();
            assertThatThrownBy(() -> await(closer)).isInstanceOf(CancelledError.class);
            assertThat(call).isCancelled();
            assertThat(pool.isTerminated()).isTrue();
        });
    }

    @Test
    void aCloseTimeoutHoldsInATaskToo() throws Exception {
        run(() -> {
            var pool = ProcessPoolExecutor.builder()
                    .maxWorkers(1)
                    .closeTimeout(Duration.ofMillis(50))
                    .build();
            CompletableFuture<Void> call = pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
            pool.close();
            assertThat(call).isCancelled();
            assertThat(pool.isTerminated()).isTrue();
        });
    }
}
