package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.timeout;
import static dev.offloop.Async.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.testkit.TestLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class VirtualClockTest {

    @Test
    void aDayIsOverAtOnce() throws Exception {
        TestLoop.run(() -> {
            Duration start = EventLoop.current().time();
            sleep(Duration.ofDays(1));
            assertThat(EventLoop.current().time()).isEqualTo(start.plusDays(1));
        });
    }

    @Test
    void sleepersWakeInOrderEachAtItsTime() throws Exception {
        List<String> events = new ArrayList<>();
        TestLoop.run(() -> {
            Duration start = EventLoop.current().time();
            List<Task<Void>> sleepers = new ArrayList<>();
            for (int hours : List.of(3, 1, 2)) {
                sleepers.add(createTask(() -> {
                    sleep(Duration.ofHours(hours));
                    events.add(hours + " at "
                            + EventLoop.current().time().minus(start).toHours());
                }));
            }
            await(gather(sleepers));
        });
        assertThat(events).containsExactly("1 at 1", "2 at 2", "3 at 3");
    }

    @Test
    void standsStillWhileOffloadedWorkIsUnderWay() throws Exception {
        List<String> events = new ArrayList<>();
        TestLoop.run(() -> {
            EventLoop loop = EventLoop.current();
            loop.callLater(Duration.ofMillis(1), () -> events.add("timer"));
            await(toThread(() -> Thread.sleep(30)));
            events.add("function");
            sleep(Duration.ofHours(1));
        });
        assertThat(events).containsExactly("function", "timer");
    }

    @Test
    void doesNotWaitForFunctionsThatWaitForTheLoop() throws Exception {
        long start = System.nanoTime();
        TestLoop.run(() -> {
            await(toThread(() -> Offload.call(() -> sleep(Duration.ofHours(1)))));
            await(createTask(() -> sleep(Duration.ofHours(1))).thenApply(_ -> 1));
        });
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
    }

    @Test
    void neverRunsBackwards() throws Exception {
        TestLoop.run(() -> {
            VirtualClock.current().advance(Duration.ofDays(200_000));
            Duration late = EventLoop.current().time();
            sleep(Duration.ofDays(1));
            assertThat(EventLoop.current().time()).isGreaterThanOrEqualTo(late);
        });
    }

    @Test
    void jumpsWhenItsPatienceWithOffloadedWorkHasExpired() throws Exception {
        var never = new CountDownLatch(1);
        try (var runner =
                Runner.builder().clock(new VirtualClock(Duration.ofMillis(50))).build()) {
            runner.run(() -> assertThatThrownBy(() ->
                            timeout(Duration.ofHours(1), () -> await(toThread(() -> never.await()))))
                    .isInstanceOf(TimeoutException.class));
        }
    }
}
