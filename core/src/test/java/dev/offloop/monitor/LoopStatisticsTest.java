package dev.offloop.monitor;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.EventLoop;
import dev.offloop.Runner;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a loop says of itself. */
class LoopStatisticsTest {

    private static Runner quiet() {
        return Runner.builder().onSlowStep(_ -> {}).threadName("measured").build();
    }

    @Test
    void blockedStepShowsInTheLagOfTheOthers() throws Exception {
        try (Runner runner = quiet()) {
            LoopStatistics statistics = runner.run(() -> {
                createTask(() -> sleep(Duration.ofMillis(10)));
                yieldNow();
                Thread.sleep(250);
                yieldNow();
                yieldNow();
                return EventLoop.current().statistics();
            });
            assertThat(statistics.loop()).isEqualTo("measured");
            assertThat(statistics.lag().max()).isBetween(Duration.ofMillis(200), Duration.ofSeconds(20));
            assertThat(statistics.busy()).isBetween(Duration.ofMillis(240), statistics.age());
        }
    }

    @Test
    void messageFromOutsideIsMeasuredThoughNoTimerFires() throws Exception {
        try (Runner runner = quiet()) {
            LoopStatistics statistics = runner.run(() -> {
                Thread.sleep(250);
                yieldNow();
                yieldNow();
                return EventLoop.current().statistics();
            });
            assertThat(statistics.lag().max()).isBetween(Duration.ofMillis(100), Duration.ofSeconds(20));
        }
    }

    @Test
    void idleLoopIsNotBusyThoughItIsAskedWhileItSleeps() throws Exception {
        try (Runner runner = quiet()) {
            var loop = new CompletableFuture<EventLoop>();
            var asked = new CountDownLatch(1);
            Thread.ofVirtual().start(() -> {
                try {
                    LoopStatistics before = loop.join().statistics();
                    Thread.sleep(500);
                    LoopStatistics after = loop.join().statistics();
                    assertThat(after.utilizationSince(before)).isLessThan(0.5);
                    assertThat(after.steps() - before.steps()).isLessThan(10);
                    asked.countDown();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            runner.run(() -> {
                sleep(Duration.ofMillis(100));
                loop.complete(EventLoop.current());
                sleep(Duration.ofSeconds(1));
            });
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void blockedLoopAnswersFromAnotherThread() throws Exception {
        try (Runner runner = quiet()) {
            runner.run(() -> {
                EventLoop loop = EventLoop.current();
                createTask("waits", () -> sleep(Duration.ofMillis(1)));
                Thread other = Thread.ofPlatform().unstarted(() -> {
                    LoopStatistics statistics = loop.statistics();
                    assertThat(statistics.tasks()).isEqualTo(2);
                    assertThat(statistics.ready()).isEqualTo(1);
                });
                var failed = new CompletableFuture<Throwable>();
                other.setUncaughtExceptionHandler((_, thrown) -> failed.complete(thrown));
                other.start();
                other.join();
                assertThat(failed).isNotDone();
            });
        }
    }

    @Test
    void stepsTimersAndSlowStepsAreCounted() throws Exception {
        try (Runner runner = quiet()) {
            LoopStatistics statistics = runner.run(() -> {
                var timer = EventLoop.current().callLater(Duration.ofHours(1), () -> {});
                for (int i = 0; i < 100; i++) {
                    yieldNow();
                }
                Thread.sleep(400);
                sleep(Duration.ofMillis(200));
                LoopStatistics now = EventLoop.current().statistics();
                timer.cancel();
                return now;
            });
            assertThat(statistics.steps()).isBetween(101L, 150L);
            assertThat(statistics.turns()).isBetween(101L, 150L);
            assertThat(statistics.timers()).isEqualTo(1);
            assertThat(statistics.slowSteps()).isBetween(1L, 3L); // a busy machine may add some
        }
    }

    @Test
    void executorsAreListedWithWhatTheyDo() throws Exception {
        var release = new CountDownLatch(1);
        try (Runner runner = quiet();
                var pool = Executors.newFixedThreadPool(2)) {
            runner.run(() -> {
                EventLoop loop = EventLoop.current();
                await(toThread(() -> 1));
                var first = loop.runInExecutor((Executor) pool, () -> release.await());
                var second = loop.runInExecutor((Executor) pool, () -> release.await());
                var third = loop.runInExecutor((Executor) pool, () -> release.await());
                sleep(Duration.ofMillis(50));
                assertThat(loop.statistics().executors())
                        .anySatisfy(executor -> {
                            assertThat(executor.name()).startsWith("default executor");
                            assertThat(executor.unfinished()).isZero();
                            assertThat(executor.calls()).isEqualTo(1);
                        })
                        .anySatisfy(executor -> {
                            assertThat(executor.name()).startsWith("ThreadPoolExecutor@");
                            assertThat(executor.size()).isEqualTo(2);
                            assertThat(executor.active()).isEqualTo(2);
                            assertThat(executor.queued()).isEqualTo(1);
                            assertThat(executor.unfinished()).isEqualTo(3);
                        });
                release.countDown();
                await(first);
                await(second);
                await(third);
            });
        }
    }
}
