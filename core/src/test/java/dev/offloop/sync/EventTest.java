package dev.offloop.sync;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CancelledError;
import dev.offloop.Future;
import dev.offloop.Task;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Something happens, and a count ends. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class EventTest {

    private final Event event = new Event();

    @LoopTest
    void allGoOnThatWaitedAlsoIfItIsClearedAtOnce() throws Exception {
        Task<?> task = createTask(event::await);
        Future<?> thread = toThread(() -> event.awaitBlocking());
        yieldNow();
        org.awaitility.Awaitility.await().until(() -> event.toString().equals("Event[not set]"));
        await(toThread(() -> Thread.sleep(20))); // the thread waits by now, or finds it set below
        event.set();
        event.clear();
        await(task);
        event.set();
        await(thread);
    }

    @Test
    void whoComesLaterNeedNotWait() throws Exception {
        event.set();
        event.awaitBlocking();
        run(event::await);
        assertThat(event.isSet()).isTrue();
        event.clear();
        assertThat(event.isSet()).isFalse();
        assertThat(event.awaitBlockingFor(Duration.ofMillis(5))).isFalse();
    }

    @LoopTest
    void aCancelledWaiterLeaves() throws Exception {
        Task<?> waiter = createTask(event::await);
        yieldNow();
        waiter.cancel();
        assertThatThrownBy(() -> await(waiter)).isInstanceOf(CancelledError.class);
        event.set();
    }

    @Test
    void wrongOperationNamesTheRightOne() throws Exception {
        assertThatThrownBy(event::await).hasMessageContaining("awaitBlocking()");
        run(() -> assertThatThrownBy(event::awaitBlocking).hasMessageContaining("Event.await()"));
    }

    @Test
    void aLatchOpensAtZeroAndStaysOpen() throws Exception {
        var latch = new CountDownLatch(2);
        run(() -> {
            Task<?> task = createTask(latch::await);
            Future<?> thread = toThread(() -> latch.awaitBlocking());
            await(toThread(latch::countDown));
            assertThat(task.done()).isFalse();
            assertThat(latch.count()).isEqualTo(1);
            latch.countDown();
            await(gather(List.of(task, thread)));
            latch.countDown();
            latch.await();
        });
        assertThat(latch.count()).isZero();
        assertThat(latch.awaitBlockingFor(Duration.ZERO)).isTrue();
        assertThat(new CountDownLatch(1).awaitBlockingFor(Duration.ofMillis(5))).isFalse();
        assertThatThrownBy(() -> new CountDownLatch(-1)).hasMessageContaining("-1");
    }
}
