package dev.offloop.process;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.yieldNow;
import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.submitAndHear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CancelledError;
import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Offload;
import dev.offloop.RemoteCallable;
import dev.offloop.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Submitters that wait for room in the queue, threads and tasks. */
class BackpressureTest {

    /** A pool whose worker ends no function but those that end themselves. */
    private static ProcessPoolExecutor pool(int maxQueued) throws Exception {
        var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .cancelGrace(Duration.ofHours(1))
                .maxQueued(maxQueued)
                .blockWhenFull()
                .build();
        get(pool.warmUp());
        return pool;
    }

    /** Fills a pool whose queue has room for one. */
    private static CompletableFuture<Void> fill(ProcessPoolExecutor pool) throws Exception {
        CompletableFuture<Void> running = submitAndHear(pool, () -> {
            Offload.progress("running");
            Thread.sleep(Duration.ofHours(1));
        });
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
            Calls.await().until(() -> submitter.getState() == Thread.State.WAITING);
            submitter.interrupt();
            assertThat(get(refusal)).hasMessageContaining("Interrupted");
            running.cancel(true);
        }
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES) // as many calls as it takes to meet rare races
    void aCancellationNeverCostsAnotherCall() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .maxQueued(3)
                .blockWhenFull()
                .build()) {
            get(pool.warmUp());
            List<Thread> threads = new ArrayList<>();
            List<Throwable> lost = java.util.Collections.synchronizedList(new ArrayList<>());
            for (int t = 0; t < 6; t++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        for (int i = 0; i < 15_000; i++) {
                            int n = i;
                            CompletableFuture<Integer> call = pool.submit(() -> n);
                            if (i % 8 == 0) {
                                call.cancel(false);
                            } else if (i % 50 == 1) {
                                assertThat(get(call)).isEqualTo(i);
                            }
                        }
                    } catch (Throwable e) {
                        lost.add(e);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(lost).isEmpty();
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
    }

    @Test
    void invokeAllKeepsItsTimeAlsoWhileItWaitsForRoom() throws Exception {
        try (var pool = pool(1)) {
            List<RemoteCallable<Integer>> sleepers = java.util.Collections.nCopies(5, () -> {
                Thread.sleep(Duration.ofHours(1));
                return 1;
            });
            List<java.util.concurrent.Future<Integer>> futures = pool.invokeAll(sleepers, 100, TimeUnit.MILLISECONDS);
            assertThat(futures).hasSize(5).allMatch(java.util.concurrent.Future::isCancelled);
            assertThatThrownBy(() -> pool.invokeAny(sleepers, 100, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
        }
    }

    @Test
    void invokeAnyReturnsTheFirstSuccessWithoutWaitingForRoomForAll() throws Exception {
        try (var pool = pool(1)) {
            List<RemoteCallable<Integer>> functions = new ArrayList<>();
            functions.add(() -> 1);
            for (int i = 0; i < 20; i++) {
                functions.add(() -> {
                    Thread.sleep(Duration.ofHours(1));
                    return 2;
                });
            }
            assertThat(pool.invokeAny(functions)).isEqualTo(1);
        }
    }

    @Test
    void anInterruptOfInvokeAllIsAnInterruptedException() throws Exception {
        try (var pool = pool(1)) {
            var thrown = new CompletableFuture<Throwable>();
            Thread caller = Thread.ofPlatform().start(() -> {
                try {
                    pool.invokeAll(java.util.Collections.nCopies(5, (RemoteCallable<Integer>) () -> {
                        Thread.sleep(Duration.ofHours(1));
                        return 1;
                    }));
                } catch (Throwable e) {
                    thrown.complete(e);
                }
            });
            Calls.await().until(() -> caller.getState() == Thread.State.WAITING);
            caller.interrupt();
            assertThat(get(thrown)).isInstanceOf(InterruptedException.class);
        }
    }
}
