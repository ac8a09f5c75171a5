package dev.offloop.sync;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CancelledError;
import dev.offloop.Future;
import dev.offloop.Task;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting for each other. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BarrierTest {

    @Test
    void allGoOnWhenTheLastHasComeRoundAfterRound() throws Exception {
        var barrier = new Barrier(3);
        run(() -> {
            for (int round = 0; round < 20; round++) {
                List<Future<Integer>> parties = new ArrayList<>();
                parties.add(createTask(barrier::await));
                parties.add(createTask(barrier::await));
                parties.add(toThread(() -> barrier.awaitBlocking()));
                assertThat(await(gather(parties))).containsExactlyInAnyOrder(0, 1, 2);
            }
        });
        assertThat(barrier.waiting()).isZero();
    }

    @Test
    void whoLeavesIsNotCounted() throws Exception {
        var barrier = new Barrier(2);
        assertThatThrownBy(() -> barrier.awaitBlockingFor(Duration.ofMillis(5))).isInstanceOf(TimeoutException.class);
        run(() -> {
            Task<Integer> leaver = createTask(barrier::await);
            yieldNow();
            leaver.cancel();
            assertThatThrownBy(() -> await(leaver)).isInstanceOf(CancelledError.class);
            Task<Integer> first = createTask(barrier::await);
            yieldNow();
            assertThat(first.done()).isFalse();
            assertThat(barrier.await()).isZero();
            assertThat(await(first)).isEqualTo(1);
        });
    }

    @Test
    void anAbortedBarrierFailsAllUntilItIsReset() throws Exception {
        var barrier = new Barrier(2);
        run(() -> {
            Task<Integer> waiter = createTask(barrier::await);
            yieldNow();
            barrier.abort();
            assertThatThrownBy(() -> await(waiter)).isInstanceOf(BrokenBarrierException.class);
            assertThatThrownBy(barrier::await).isInstanceOf(BrokenBarrierException.class);
            assertThat(barrier.broken()).isTrue();
            barrier.reset();
            Task<Integer> early = createTask(barrier::await);
            yieldNow();
            barrier.reset();
            assertThatThrownBy(() -> await(early))
                    .isInstanceOf(BrokenBarrierException.class)
                    .hasMessageContaining("reset");
            Task<Integer> again = createTask(barrier::await);
            yieldNow();
            assertThat(barrier.await()).isZero();
            await(again);
        });
        assertThatThrownBy(() -> new Barrier(0)).hasMessageContaining("0");
    }

    @LoopTest
    void whoIsCancelledWhenAllHaveComeGoesOnWithTheRound() throws Exception {
        var barrier = new Barrier(2);
        List<String> events = new ArrayList<>();
        Task<Void> task = createTask(() -> {
            events.add("round " + barrier.await());
            sleep(Duration.ofDays(1));
            events.add("slept");
        });
        yieldNow();
        barrier.await();
        task.cancel();
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        assertThat(events).containsExactly("round 1");
        assertThat(task.cancelling()).isEqualTo(1);
        assertThat(barrier).hasToString("Barrier[0 of 2 wait]");
    }
}
