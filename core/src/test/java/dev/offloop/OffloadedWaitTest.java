package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.toThread;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.sync.Barrier;
import dev.offloop.sync.CountDownLatch;
import dev.offloop.sync.Event;
import dev.offloop.sync.Queue;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Functions on threads that wait in primitives of {@code dev.offloop.sync}. */
class OffloadedWaitTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    /** Overloads would make these method references ambiguous. */
    @Test
    void everyBlockingMethodCanBeOffloadedByItsName() throws Exception {
        Async.run(() -> {
            var queue = new Queue<String>(1);
            queue.put("one");
            Future<String> got = toThread(queue::getBlocking);
            assertThat(await(got)).isEqualTo("one");
            assertThat(await(toThread(() -> queue.getBlockingFor(Duration.ZERO))))
                    .isNull();
            assertThat(await(toThread(queue::putBlockingFor, "two", SOON))).isTrue();
            assertThat(await(toThread(queue::getBlockingFor, SOON))).isEqualTo("two");
            queue.taskDone();
            queue.taskDone();
            await(toThread(queue::joinBlocking));
            assertThat(await(toThread(queue::joinBlockingFor, SOON))).isTrue();

            var event = new Event();
            event.set();
            await(toThread(event::awaitBlocking));
            assertThat(await(toThread(event::awaitBlockingFor, SOON))).isTrue();

            var latch = new CountDownLatch(0);
            await(toThread(latch::awaitBlocking));
            assertThat(await(toThread(latch::awaitBlockingFor, SOON))).isTrue();

            var barrier = new Barrier(1);
            Future<Integer> place = toThread(barrier::awaitBlocking);
            assertThat(await(place)).isZero();
            assertThat(await(toThread(barrier::awaitBlockingFor, SOON))).isZero();
        });
    }

    @Test
    @Timeout(20)
    void functionThatIsNotAwaitedDoesNotDelayTheEndOfTheRun() throws Exception {
        var waits = new CompletableFuture<Void>();
        Runner runner = Runner.builder().closeTimeout(Duration.ofMinutes(5)).build();
        runner.run(() -> {
            var queue = new Queue<String>();
            var _ = toThread(() -> {
                waits.complete(null);
                return queue.getBlocking();
            });
        });
        runner.close();
        assertThat(waits).isCompleted();
    }

    @Test
    void oneThatAnotherFunctionIsAboutToWakeIsNotInterrupted() throws Exception {
        var got = new CompletableFuture<String>();
        try (var runner = Runner.builder().closeTimeout(SOON).build()) {
            runner.run(() -> {
                var queue = new Queue<String>();
                var waits = new Event();
                var _ = toThread(() -> {
                    waits.set();
                    return got.complete(queue.getBlocking());
                });
                var _ = toThread(() -> {
                    Thread.sleep(300); // runs, and is not a wait of ours
                    queue.putBlocking("late");
                });
                waits.await();
            });
        }
        assertThat(got.get(1, TimeUnit.SECONDS)).isEqualTo("late");
    }

    @Test
    void oneThatIsNotToBeInterruptedHasTheTimeToClose() throws Exception {
        var got = new CompletableFuture<String>();
        var queue = new Queue<String>();
        try (var runner = Runner.builder().closeTimeout(SOON).build()) {
            runner.run(() -> {
                var waits = new Event();
                var _ = toThread(OnCancel.WAIT, () -> {
                    waits.set();
                    return got.complete(queue.getBlocking());
                });
                waits.await();
            });
            Thread.ofPlatform().start(() -> {
                try {
                    Thread.sleep(300);
                    queue.putBlocking("late");
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        assertThat(got.get(1, TimeUnit.SECONDS)).isEqualTo("late");
    }
}
