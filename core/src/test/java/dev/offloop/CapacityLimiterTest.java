package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.internal.util.Sneaky;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class CapacityLimiterTest {

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    /** {@link #counted}; the first two calls meet in it, so that both are counted at the same time. */
    private int countedWith(CountDownLatch two, int i) throws InterruptedException {
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        two.countDown();
        two.await();
        running.decrementAndGet();
        return counted(i);
    }

    private int counted(int i) throws InterruptedException {
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        Thread.sleep(2);
        running.decrementAndGet();
        return i;
    }

    @Test
    void runsNoMoreThanItsLimitAtATime() throws Exception {
        run(() -> {
            var limiter = new CapacityLimiter(2);
            var go = new CountDownLatch(1);
            var two = new CountDownLatch(2);
            List<Future<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                int n = i;
                calls.add(EventLoop.current().runInExecutor(limiter, () -> {
                    go.await();
                    return countedWith(two, n);
                }));
            }
            assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(2, 2, 28));
            go.countDown();
            assertThat(await(gather(calls))).hasSize(30).startsWith(0, 1, 2);
            assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(2, 0, 0));
        });
        assertThat(most).hasValue(2);
    }

    @Test
    void canBeSharedByLoopsOnAnExecutorOfItsOwn() throws Exception {
        try (ExecutorService pool = Executors.newCachedThreadPool()) {
            var limiter = new CapacityLimiter(3, pool);
            List<Thread> loops = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                loops.add(Thread.ofPlatform().start(() -> {
                    try {
                        run(() -> {
                            List<Future<Integer>> calls = new ArrayList<>();
                            for (int n = 0; n < 10; n++) {
                                calls.add(EventLoop.current().runInExecutor(limiter, () -> counted(1)));
                            }
                            await(gather(calls));
                        });
                    } catch (Exception e) {
                        throw Sneaky.rethrow(e);
                    }
                }));
            }
            for (Thread loop : loops) {
                loop.join();
            }
            assertThat(most).hasValueBetween(1, 3);
            assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(3, 0, 0));
        }
    }

    @Test
    void aHigherLimitLetsTheWaitingIn() throws Exception {
        var gate = new Semaphore(0);
        run(() -> {
            var limiter = new CapacityLimiter(1);
            List<Future<Void>> calls = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                calls.add(EventLoop.current().runInExecutor(limiter, () -> gate.acquire()));
            }
            assertThat(limiter.statistics().running()).isEqualTo(1);
            limiter.setLimit(3);
            assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(3, 3, 0));
            gate.release(3);
            await(gather(calls));
        });
    }

    @Test
    void aLowerLimitTakesNothingAway() throws Exception {
        var gate = new Semaphore(0);
        run(() -> {
            var limiter = new CapacityLimiter(2);
            EventLoop loop = EventLoop.current();
            List<Future<Void>> calls = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                calls.add(loop.runInExecutor(limiter, () -> gate.acquire()));
            }
            limiter.setLimit(1);
            assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(1, 2, 1));
            gate.release();
            while (limiter.statistics().running() == 2) {
                sleep(Duration.ofMillis(1));
            }
            assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(1, 1, 1));
            gate.release(2);
            await(gather(calls));
        });
    }

    @Test
    void aCancelledCallLeavesTheQueueAtOnce() throws Exception {
        var gate = new Semaphore(0);
        run(() -> {
            var limiter = new CapacityLimiter(1);
            EventLoop loop = EventLoop.current();
            Future<Void> first = loop.runInExecutor(limiter, () -> gate.acquire());
            Future<Integer> cancelled = loop.runInExecutor(limiter, () -> 1);
            Future<Integer> last = loop.runInExecutor(limiter, () -> 2);
            cancelled.cancel();
            assertThat(limiter.statistics().waiting()).isEqualTo(1);
            gate.release();
            await(first);
            assertThat(await(last)).isEqualTo(2);
        });
    }

    @LoopTest
    void aCallThatItsExecutorRefusesFailsAndLeavesItsPlace() throws Exception {
        EventLoop loop = EventLoop.current();
        ExecutorService pool = Executors.newSingleThreadExecutor();
        var limiter = new CapacityLimiter(1, pool);
        var gate = new CountDownLatch(1);
        Future<Void> first = loop.runInExecutor(limiter, () -> gate.await());
        List<Future<Integer>> waiting = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            waiting.add(loop.runInExecutor(limiter, () -> 1));
        }
        pool.shutdown();
        gate.countDown();
        await(first);
        for (Outcome<Integer> end : await(Async.gatherOutcomes(waiting))) {
            assertThat(end.exception()).isInstanceOf(RejectedExecutionException.class);
        }
        Future<Integer> late = loop.runInExecutor(limiter, () -> 1);
        assertThatThrownBy(() -> await(late)).isInstanceOf(RejectedExecutionException.class);
        assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(1, 0, 0));
    }

    @LoopTest
    void aCallThatIsDroppedByShutdownNowLeavesItsPlace() throws Exception {
        EventLoop loop = EventLoop.current();
        ExecutorService pool = Executors.newSingleThreadExecutor();
        var limiter = new CapacityLimiter(2, pool);
        var gate = new CountDownLatch(1);
        Future<Void> first = loop.runInExecutor(limiter, () -> gate.await());
        Future<Integer> queued = loop.runInExecutor(limiter, () -> 1);
        pool.shutdownNow();
        assertThatThrownBy(() -> await(first)).isInstanceOf(InterruptedException.class);
        assertThatThrownBy(() -> await(queued)).isInstanceOf(RejectedExecutionException.class);
        assertThat(limiter.statistics().running()).isZero();
    }

    @Test
    void aLimiterOnALimiterKeepsBothLimits() throws Exception {
        try (ExecutorService pool = Executors.newCachedThreadPool()) {
            var outer = new CapacityLimiter(2, pool);
            try (var runner = Runner.builder().defaultExecutor(outer).build()) {
                runner.run(() -> {
                    var inner = new CapacityLimiter(1);
                    List<Future<Integer>> calls = new ArrayList<>();
                    for (int i = 0; i < 20; i++) {
                        calls.add(EventLoop.current().runInExecutor(inner, () -> counted(1)));
                    }
                    await(gather(calls));
                    assertThat(inner.statistics().running()).isZero();
                });
            }
            assertThat(outer.statistics().running()).isZero();
        }
        assertThat(most).hasValue(1);
    }

    @Test
    void anExecutorThatRunsInItsCallerIsNoStackOverflow() throws Exception {
        var pool = new ThreadPoolExecutor(
                1, 1, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), new ThreadPoolExecutor.CallerRunsPolicy());
        var limiter = new CapacityLimiter(1, pool);
        run(() -> {
            List<Future<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 20_000; i++) {
                int n = i;
                calls.add(EventLoop.current().runInExecutor(limiter, () -> n));
            }
            assertThat(await(gather(calls))).hasSize(20_000);
        });
        assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(1, 0, 0));
        pool.shutdown();
    }

    @Test
    void plainThreadsMayUseItToo() throws Exception {
        try (ExecutorService pool = Executors.newCachedThreadPool()) {
            var limiter = new CapacityLimiter(2, pool);
            var two = new CountDownLatch(2);
            var ended = new CountDownLatch(20);
            for (int i = 0; i < 20; i++) {
                limiter.execute(() -> {
                    try {
                        countedWith(two, 1);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        ended.countDown();
                    }
                });
            }
            ended.await();
            assertThat(most).hasValue(2);
        }
    }

    @Test
    void saysWhatIsWrongWithItsArguments() {
        assertThatThrownBy(() -> new CapacityLimiter(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CapacityLimiter(1).setLimit(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CapacityLimiter(1, new TestRemoteExecutor()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CapacityLimiter(1).execute(() -> {})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() ->
                        Runner.builder().defaultExecutor(new CapacityLimiter(1)).build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void canBeTheDefaultExecutor() throws Exception {
        try (ExecutorService pool = Executors.newCachedThreadPool();
                var runner = Runner.builder()
                        .defaultExecutor(new CapacityLimiter(1, pool))
                        .build()) {
            runner.run(() -> await(gather(toThread(() -> counted(1)), toThread(() -> counted(2)))));
        }
        assertThat(most).hasValue(1);
    }

    @Test
    void aCallThatIsCancelledOnItsWayToAnInnerLimiterLeavesNoPlaceBehind() throws Exception {
        run(() -> {
            var inner = new CapacityLimiter(1, command -> Thread.ofVirtual().start(command));
            var second = new java.util.concurrent.CompletableFuture<Future<Integer>>();
            var outer = new CapacityLimiter(1, call -> {
                if (second.isDone()) {
                    Future<Integer> cancelled = second.join();
                    cancelled.cancel();
                    while (!cancelled.done()) {
                        LockSupport.parkNanos(1_000_000); // the loop is about to cancel it
                    }
                }
                inner.execute(call);
            });
            var go = new CountDownLatch(1);
            Future<Integer> first = EventLoop.current().runInExecutor(outer, () -> {
                go.await();
                return 1;
            });
            second.complete(EventLoop.current().runInExecutor(outer, () -> 2));
            go.countDown();
            assertThat(await(first)).isEqualTo(1);
            assertThatThrownBy(() -> await(second.join())).isInstanceOf(CancelledError.class);
            Future<Integer> third = EventLoop.current().runInExecutor(inner, () -> 3);
            assertThat(Async.waitFor(third, Duration.ofSeconds(20))).isEqualTo(3);
        });
    }
}
