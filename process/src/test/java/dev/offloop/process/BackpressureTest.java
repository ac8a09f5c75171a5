package dev.offloop.process;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.yieldNow;
import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CancelledError;
import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Submitters that wait for room in the queue, threads and tasks. */
class BackpressureTest {

    private static ProcessPoolExecutor pool(int maxQueued) throws Exception {
        var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .maxQueued(maxQueued)
                .blockWhenFull()
                .build();
        get(pool.warmUp());
        return pool;
    }

    /** Fills a pool whose queue has room for one. */
    private static CompletableFuture<Void> fill(ProcessPoolExecutor pool) {
        CompletableFuture<Void> running = pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
        var _ = pool.submit(() -> 0);
        return running;
    }

    @Test
    void aTaskAwaitsRoomWhileOthersRun() throws Exception {
        try (var pool = pool(1)) {
            run(() -> {
                CompletableFuture<Void> running = fill(pool);
                Task<Integer> submitter =
                        createTask(() -> await(EventLoop.current().runInExecutor(pool, () -> 42)));
                for (int i = 0; i < 100; i++) {
                    yieldNow();
                }
                assertThat(submitter.done()).isFalse();
                running.cancel(true);
                assertThat(await(submitter)).isEqualTo(42);
            });
        }
    }

    @Test
    void nothingIsLostBetweenTasksAndThreads() throws Exception {
        try (var pool = pool(3)) {
            List<CompletableFuture<Integer>> fromThreads = java.util.Collections.synchronizedList(new ArrayList<>());
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 200; i++) {
                        fromThreads.add(pool.submit(() -> 1));
                    }
                }));
            }
            int sum = run(() -> {
                List<Task<Integer>> tasks = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    tasks.add(createTask(() -> await(EventLoop.current().runInExecutor(pool, () -> 1))));
                }
                return await(gather(tasks)).stream().mapToInt(n -> n).sum();
            });
            assertThat(sum).isEqualTo(300);
            for (Thread thread : threads) {
                thread.join();
            }
            for (CompletableFuture<Integer> call : fromThreads) {
                assertThat(get(call)).isEqualTo(1);
            }
            assertThat(fromThreads).hasSize(600);
        }
    }

    @Test
    void aCancelledTaskSubmitsNothingAndPassesItsTurnOn() throws Exception {
        try (var pool = pool(1)) {
            run(() -> {
                CompletableFuture<Void> running = fill(pool);
                List<Task<Integer>> submitters = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    int n = i;
                    submitters.add(createTask(() -> await(EventLoop.current().runInExecutor(pool, () -> n))));
                }
                yieldNow();
                for (int i = 0; i < 20; i += 2) {
                    submitters.get(i).cancel();
                }
                running.cancel(true);
                for (int i = 0; i < 20; i++) {
                    Future<Integer> submitter = submitters.get(i);
                    if (i % 2 == 0) {
                        assertThatThrownBy(() -> await(submitter)).isInstanceOf(CancelledError.class);
                    } else {
                        assertThat(await(submitter)).isEqualTo(i);
                    }
                }
            });
            assertThat(pool.statistics().completed()).isEqualTo(12);
        }
    }

    @Test
    void aCallbackOfTheLoopIsRefusedAndToldWhy() throws Exception {
        try (var pool = pool(1)) {
            CompletableFuture<Void> running = fill(pool);
            List<Throwable> thrown = new ArrayList<>();
            run(() -> {
                EventLoop.current().callSoon(() -> {
                    try {
                        var _ = pool.submit(() -> 1);
                    } catch (RejectedExecutionException e) {
                        thrown.add(e);
                    }
                });
                yieldNow();
            });
            assertThat(thrown).singleElement().satisfies(e -> assertThat(e).hasMessageContaining("callback"));
            running.cancel(true);
        }
    }

    @Test
    void aThreadThatIsInterruptedIsRefused() throws Exception {
        try (var pool = pool(1)) {
            CompletableFuture<Void> running = fill(pool);
            var refusal = new CompletableFuture<Throwable>();
            Thread submitter = Thread.ofPlatform().start(() -> {
                try {
                    var _ = pool.submit(() -> 1);
                } catch (RejectedExecutionException e) {
                    refusal.complete(e);
                }
            });
            Awaitility.await().until(() -> submitter.getState() == Thread.State.WAITING);
            submitter.interrupt();
            assertThat(refusal.get(30, TimeUnit.SECONDS)).hasMessageContaining("Interrupted");
            running.cancel(true);
        }
    }
}
