package dev.offloop.internal.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ThreadPoolTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void idleThreadsAreLetGo() {
        var pool = new ThreadPool(4, Duration.ofMillis(10));
        for (int i = 0; i < 4; i++) {
            pool.execute(() -> {});
        }
        await().until(() -> pool.size() == 0);
        var again = new CompletableFuture<Boolean>();
        pool.execute(() -> again.complete(true));
        assertThat(again.join()).isTrue();
    }

    @Test
    void aJobThatThrowsDoesNotCostAThread() throws Exception {
        var pool = new ThreadPool(1, SOON);
        pool.execute(() -> Thread.currentThread().setUncaughtExceptionHandler((_, _) -> {}));
        var done = new CompletableFuture<Boolean>();
        pool.execute(() -> done.complete(true));
        assertThat(done.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(pool.size()).isEqualTo(1);
    }

    @Test
    void aShutDownPoolRunsWhatItHasAndRefusesMore() throws Exception {
        var pool = new ThreadPool(1, SOON);
        var count = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            pool.execute(count::incrementAndGet);
        }
        assertThat(pool.shutdown(SOON, SOON, false)).isEmpty();
        assertThat(count).hasValue(100);
        assertThatThrownBy(() -> pool.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void shutdownInterruptsWhatTakesTooLong() throws Exception {
        var pool = new ThreadPool(1, SOON);
        var interrupted = new CompletableFuture<Boolean>();
        pool.execute(() -> {
            try {
                Thread.sleep(Duration.ofHours(1));
            } catch (InterruptedException e) {
                interrupted.complete(true);
            }
        });
        assertThat(pool.shutdown(Duration.ofMillis(10), SOON, false)).isEmpty();
        assertThat(interrupted).isCompletedWithValue(true);
    }

    @Test
    void shutdownNamesWhatWillNotStop() throws Exception {
        var pool = new ThreadPool(1, SOON);
        var begun = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        pool.execute(() -> {
            begun.countDown();
            while (release.getCount() > 0) {
                Thread.onSpinWait();
            }
        });
        begun.await();
        List<String> left = pool.shutdown(Duration.ofMillis(10), Duration.ofMillis(10), false);
        release.countDown();
        assertThat(left).singleElement().asString().contains("offloop-pool").contains("ThreadPoolTest");
    }

    /** A job is handed to an idle worker and unparks it; nothing that the worker does meanwhile may use that up. */
    @Test
    void noJobWaitsBesideAnIdleWorker() throws Exception {
        var pool = new ThreadPool(4, Duration.ofHours(1));
        int producers = 3;
        int rounds = 20_000;
        var barrier = new CyclicBarrier(producers);
        var failures = new AtomicInteger();
        Thread[] threads = new Thread[producers];
        for (int p = 0; p < producers; p++) {
            threads[p] = Thread.ofPlatform().start(() -> {
                try {
                    barrier.await();
                    for (int i = 0; i < rounds; i++) {
                        var done = new CompletableFuture<Boolean>();
                        pool.execute(() -> done.complete(true));
                        done.get(20, TimeUnit.SECONDS);
                    }
                } catch (Exception e) {
                    failures.incrementAndGet();
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).hasValue(0);
    }
}
