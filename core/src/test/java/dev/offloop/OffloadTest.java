package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.internal.offload.ThreadPool;
import dev.offloop.testkit.LoopTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OffloadTest {

    @LoopTest
    void theLoopGoesOnWhileAFunctionBlocks() throws Exception {
        var release = new CountDownLatch(1);
        Future<String> blocked = toThread(() -> {
            release.await();
            return "released";
        });
        for (int i = 0; i < 100; i++) {
            yieldNow();
        }
        assertThat(blocked.done()).isFalse();
        release.countDown();
        assertThat(await(blocked)).isEqualTo("released");
    }

    @LoopTest
    void runsOnADaemonPlatformThreadOutsideOfTheLoop() throws Exception {
        Thread thread = await(toThread(() -> {
            assertThatThrownBy(EventLoop::current).isInstanceOf(IllegalStateException.class);
            return Thread.currentThread();
        }));
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.isVirtual()).isFalse();
    }

    @Test
    void takesAMethodReferenceAndItsArguments(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a.txt"), "content");
        run(() -> {
            Future<String> content = toThread(Files::readString, file);
            Future<String> joined = toThread(OffloadTest::join, "a", 1, 'c');
            EventLoop loop = EventLoop.current();
            Executor direct = Runnable::run;
            Future<Integer> parsed = loop.runInExecutor(null, Integer::parseInt, "12");
            Future<Integer> sum = loop.runInExecutor(direct, Math::addExact, 1, 1);
            assertThat(await(content)).isEqualTo("content");
            assertThat(await(joined)).isEqualTo("a1c");
            assertThat(await(parsed)).isEqualTo(12);
            assertThat(await(sum)).isEqualTo(2);
        });
    }

    private static String join(String a, int b, char c) {
        return a + b + c;
    }

    @Test
    void raisesTheVeryExceptionOfTheFunction() throws Exception {
        var thrown = new IOException("disk");
        run(() -> assertThatThrownBy(() -> await(toThread(() -> {
                    throw thrown;
                })))
                .isSameAs(thrown));
    }

    @LoopTest
    void sequentialCallsUseOneThread() throws Exception {
        Set<Thread> threads = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            threads.add(await(toThread(Thread::currentThread)));
        }
        assertThat(threads).hasSize(1);
    }

    @Test
    void theDefaultExecutorIsBounded() throws Exception {
        int limit = ThreadPool.defaultSize();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        var full = new CountDownLatch(limit);
        run(() -> {
            List<Future<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 10 * limit; i++) {
                calls.add(toThread(() -> {
                    full.countDown();
                    full.await(); // as many as may run at a time meet here
                    Thread.sleep(2);
                    return threads.add(Thread.currentThread());
                }));
            }
            await(gather(calls));
        });
        assertThat(threads).hasSize(limit);
        assertThat(limit).isEqualTo(Math.min(32, Runtime.getRuntime().availableProcessors() + 4));
    }

    @LoopTest
    void aFunctionCancelledBeforeItStartedNeverRuns() throws Exception {
        List<Runnable> queue = new ArrayList<>();
        var ran = new AtomicInteger();
        Future<Integer> call = EventLoop.current().runInExecutor(queue::add, ran::incrementAndGet);
        assertThat(call.cancel()).isTrue();
        queue.getFirst().run();
        assertThatThrownBy(() -> await(call)).isInstanceOf(CancelledError.class);
        assertThat(ran).hasValue(0);
    }

    @LoopTest
    void aRunningFunctionIsInterruptedWhenItsTaskIsCancelled() throws Exception {
        var begun = new CompletableFuture<Boolean>();
        var interrupted = new CompletableFuture<Boolean>();
        Task<Object> task = createTask(() -> await(toThread(() -> {
            begun.complete(true);
            try {
                Thread.sleep(Duration.ofHours(1));
                return interrupted.complete(false);
            } catch (InterruptedException e) {
                return interrupted.complete(true);
            }
        })));
        await(begun);
        task.cancel();
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        assertThat(await(interrupted)).isTrue();
    }

    @Test
    void anInterruptNeverReachesTheNextFunctionOnTheThread() throws Exception {
        try (ExecutorService one = Executors.newSingleThreadExecutor()) {
            run(() -> {
                EventLoop loop = EventLoop.current();
                for (int i = 0; i < 2000; i++) {
                    Future<Object> victim = loop.runInExecutor(one, () -> 1);
                    Future<Boolean> next =
                            loop.runInExecutor(one, () -> Thread.currentThread().isInterrupted());
                    if (i % 2 == 0) {
                        yieldNow();
                    }
                    victim.cancel();
                    assertThat(await(next)).isFalse();
                }
            });
        }
    }

    @Test
    void aCustomPoolOfTwoRunsTwoAtATime() throws Exception {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        var two = new CountDownLatch(2);
        try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
            run(() -> {
                EventLoop loop = EventLoop.current();
                List<Future<Integer>> calls = IntStream.range(0, 6)
                        .mapToObj(i -> loop.runInExecutor(pool, () -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            two.countDown();
                            two.await(); // the first two meet here
                            Thread.sleep(10);
                            running.decrementAndGet();
                            return i;
                        }))
                        .toList();
                assertThat(await(gather(calls))).containsExactly(0, 1, 2, 3, 4, 5);
            });
        }
        assertThat(most).hasValue(2);
    }

    @Test
    void anExecutorThatRefusesFailsTheFuture() throws Exception {
        ExecutorService closed = Executors.newSingleThreadExecutor();
        closed.shutdown();
        run(() -> assertThatThrownBy(() -> await(EventLoop.current().runInExecutor(closed, () -> 1)))
                .isInstanceOf(RejectedExecutionException.class));
    }

    @Test
    void aFunctionDroppedByShutdownNowFailsItsFuture() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        run(() -> {
            EventLoop loop = EventLoop.current();
            var begun = new CompletableFuture<Boolean>();
            Future<Object> running = loop.runInExecutor(pool, () -> {
                begun.complete(true);
                Thread.sleep(Duration.ofHours(1));
                return 1;
            });
            Future<Integer> waiting = loop.runInExecutor(pool, () -> 2);
            await(begun);
            pool.shutdownNow();
            assertThatThrownBy(() -> await(running)).isInstanceOf(InterruptedException.class);
            assertThatThrownBy(() -> await(waiting))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("shut down before the function could start");
        });
    }

    @Test
    void setDefaultExecutorDecidesWhereToThreadRuns() throws Exception {
        try (ExecutorService mine = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("mine").factory())) {
            run(() -> {
                EventLoop.current().setDefaultExecutor(mine);
                assertThat(await(toThread(() -> Thread.currentThread().getName())))
                        .isEqualTo("mine");
            });
            assertThat(mine.isShutdown()).as("the loop has shut it down").isTrue();
        }
    }

    @LoopTest
    void shutdownDefaultExecutorWaitsForItsFunctionsWithoutBlockingTheLoop() throws Exception {
        EventLoop loop = EventLoop.current();
        var release = new CountDownLatch(1);
        Future<Integer> call = toThread(() -> {
            release.await();
            return 1;
        });
        Future<Void> down = loop.shutdownDefaultExecutor(Duration.ofSeconds(30));
        yieldNow();
        assertThat(down.done()).isFalse();
        release.countDown();
        await(down);
        assertThat(await(call)).isEqualTo(1);
        assertThatThrownBy(() -> toThread(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("shut down");
    }

    @LoopTest
    void voidFunctionsMayThrowToo() throws Exception {
        assertThat(await(toThread(() -> {
                    Thread.sleep(1);
                })))
                .isNull();
        assertThat(await(EventLoop.current().runInExecutor(null, () -> {
                    Thread.sleep(1);
                })))
                .isNull();
    }

    @Test
    void twentyThousandAtOnceAllReturn() throws Exception {
        int count = 20_000;
        List<Integer> results = run(() -> await(gather(
                IntStream.range(0, count).mapToObj(i -> toThread(() -> i)).toList())));
        assertThat(results).hasSize(count).startsWith(0, 1, 2).endsWith(count - 1);
    }
}
