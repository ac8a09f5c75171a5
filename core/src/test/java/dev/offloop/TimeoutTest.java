package dev.offloop;

import static dev.offloop.Async.asCompleted;
import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.shield;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.timeout;
import static dev.offloop.Async.timeoutAt;
import static dev.offloop.Async.waitFor;
import static dev.offloop.Async.yieldNow;
import static dev.offloop.testkit.TestLoop.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.sync.Lock;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class TimeoutTest {

    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(10);

    @LoopTest
    void throwsWhenTheTimeHasExpired() throws Exception {
        assertThatThrownBy(() -> timeout(SHORT, () -> sleep(LONG)))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("Timed out after 10 ms");
        assertThat(Task.current().cancelling()).isZero();
        yieldNow();
    }

    @LoopTest
    void namesWhatWasAwaited() {
        Promise<Object> never = EventLoop.current().createFuture();
        assertThatThrownBy(() -> timeout(SHORT, () -> await(gather(never, never))))
                .hasMessageContaining("awaiting a gather of 2 futures");
        Promise<Object> other = EventLoop.current().createFuture();
        assertThatThrownBy(() -> timeout(SHORT, () -> await(shield(other)))).hasMessageContaining("awaiting a shield");
        assertThatThrownBy(() -> timeout(SHORT, () -> await(new CompletableFuture<>())))
                .hasMessageContaining("awaiting a foreign stage");
    }

    @LoopTest(realTime = true)
    void saysTheTimeThatWasAskedForAndNotWhatWasLeftOfIt() throws Exception {
        assertThatThrownBy(() -> timeout(SHORT, () -> sleep(LONG))).hasMessageStartingWith("Timed out after 10 ms");
        assertThatThrownBy(() -> timeout(LONG, scope -> {
                    scope.reschedule(SHORT);
                    sleep(LONG);
                }))
                .hasMessageStartingWith("Timed out 10 ms after it was rescheduled");
        assertThatThrownBy(() -> timeoutAt(Duration.ofNanos(1), () -> sleep(LONG)))
                .hasMessage("Timed out at 1 ns on the loop's clock, before the body could start");
        Promise<Void> never = EventLoop.current().createFuture();
        assertThatThrownBy(() -> asCompleted(List.of(never), SHORT).iterator().next())
                .hasRootCauseMessage("1 future has not ended within 10 ms");
    }

    @LoopTest
    void saysWhatWasAwaitedAndForWhom() throws Exception {
        var lock = new Lock();
        Task<Void> holder = createTask("holder", () -> lock.with(() -> sleep(LONG)));
        yieldNow();
        assertThatThrownBy(() -> timeout(SHORT, () -> lock.with(() -> {})))
                .isInstanceOf(TimeoutException.class)
                .hasMessage("Timed out after 10 ms, awaiting Lock.acquire() for task holder");
        assertThatThrownBy(() -> timeout(SHORT, () -> sleep(LONG)))
                .hasMessage("Timed out after 10 ms, awaiting sleep(…)");
        assertThatThrownBy(() -> timeout(SHORT, () -> await(shield(holder))))
                .hasMessageStartingWith("Timed out after 10 ms, awaiting ");
        assertThatThrownBy(() -> timeout(SHORT, () -> await(holder)))
                .hasMessage("Timed out after 10 ms, awaiting task holder");
    }

    @Test
    void returnsWhatTheBodyReturnsInTime() throws Exception {
        assertThat(run(() -> timeout(LONG, () -> {
                    yieldNow();
                    return 1;
                })))
                .isEqualTo(1);
    }

    @LoopTest
    void ofZeroDoesNotStartTheBody() throws Exception {
        List<String> events = new ArrayList<>();
        for (Duration time : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
            assertThatThrownBy(() -> timeout(time, () -> events.add("started"))).isInstanceOf(TimeoutException.class);
        }
        assertThat(events).isEmpty();
    }

    @Test
    void anExceptionOfTheBodyWins() throws Exception {
        var thrown = new IllegalStateException("mine");
        run(() -> assertThatThrownBy(() -> timeout(SHORT, () -> {
                    try {
                        sleep(LONG);
                    } catch (CancelledError e) {
                        throw thrown;
                    }
                }))
                .isSameAs(thrown));
    }

    @LoopTest
    void aCancellationFromOutsideStaysOne() throws Exception {
        Task<Void> task = createTask(() -> timeout(LONG, () -> sleep(LONG)));
        yieldNow();
        task.cancel("outside");
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class).hasMessage("outside");
    }

    @LoopTest
    void theInnerOfTwoRaisesItsOwn() throws Exception {
        timeout(LONG, () -> {
            assertThatThrownBy(() -> timeout(SHORT, () -> sleep(LONG))).isInstanceOf(TimeoutException.class);
            yieldNow();
        });
    }

    @LoopTest
    void theOuterOfTwoGoesThroughTheInner() throws Exception {
        List<Boolean> innerExpired = new ArrayList<>();
        assertThatThrownBy(() -> timeout(
                        SHORT,
                        () -> timeout(LONG, scope -> {
                            try {
                                sleep(LONG);
                            } finally {
                                innerExpired.add(scope.expired());
                            }
                        })))
                .isInstanceOf(TimeoutException.class);
        assertThat(innerExpired).containsExactly(false);
    }

    @LoopTest
    void whenTheLoopWasBusyPastBothTheOuterRaises() throws Exception {
        List<String> events = new ArrayList<>();
        assertThatThrownBy(() -> timeout(Duration.ofMillis(20), () -> {
                    try {
                        timeout(SHORT, () -> {
                            VirtualClock.current().advance(Duration.ofMillis(30));
                            sleep(LONG);
                        });
                    } catch (TimeoutException e) {
                        events.add("inner");
                        throw e;
                    } catch (CancelledError e) {
                        events.add("passed on");
                        throw e;
                    }
                }))
                .isInstanceOf(TimeoutException.class);
        assertThat(events).containsExactly("passed on");
        assertThat(Task.current().cancelling()).isZero();
        yieldNow();
    }

    @LoopTest
    void canBeRescheduledFromNow() throws Exception {
        Duration start = EventLoop.current().time();
        timeout(Duration.ofMillis(30), scope -> {
            scope.reschedule(LONG);
            assertThat(scope.deadline()).isGreaterThanOrEqualTo(start.plus(LONG));
            sleep(Duration.ofMillis(50));
            assertThat(scope.expired()).isFalse();
        });
    }

    @LoopTest
    void cannotBeRescheduledWhenItIsOverOrExpired() throws Exception {
        List<Timeout> scopes = new ArrayList<>();
        timeout(LONG, (Timeout.Action) scopes::add);
        assertThatThrownBy(() -> scopes.getFirst().reschedule(LONG)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> timeout(SHORT, scope -> {
                    scopes.add(scope);
                    sleep(LONG);
                }))
                .isInstanceOf(TimeoutException.class);
        assertThat(scopes.getLast().expired()).isTrue();
        assertThatThrownBy(() -> scopes.getLast().reschedule(LONG)).hasMessageContaining("expired");
    }

    @LoopTest
    void timeoutAtTakesATimeOfTheLoop() throws Exception {
        Duration due = EventLoop.current().time().plus(SHORT);
        assertThatThrownBy(() -> timeoutAt(due, () -> sleep(LONG))).isInstanceOf(TimeoutException.class);
        assertThat(EventLoop.current().time()).isGreaterThanOrEqualTo(due);
    }

    @LoopTest
    void waitForCancelsWhatTakesTooLong() throws Exception {
        Task<Void> slow = createTask(() -> sleep(LONG));
        assertThatThrownBy(() -> waitFor(slow, SHORT)).isInstanceOf(TimeoutException.class);
        assertThat(slow.cancelled()).isTrue();
    }

    @LoopTest
    void waitForWithNoTimeTakesADoneResultOnly() throws Exception {
        Task<Integer> done = createTask(() -> 1);
        yieldNow();
        assertThat(waitFor(done, Duration.ZERO)).isEqualTo(1);
        List<String> events = new ArrayList<>();
        Task<Boolean> notStarted = createTask(() -> events.add("started"));
        assertThatThrownBy(() -> waitFor(notStarted, Duration.ZERO)).isInstanceOf(TimeoutException.class);
        assertThat(events).isEmpty();
    }

    @LoopTest
    void waitForLeavesAloneWhatIsShielded() throws Exception {
        Promise<Integer> slow = EventLoop.current().createFuture();
        assertThatThrownBy(() -> waitFor(shield(slow), SHORT)).isInstanceOf(TimeoutException.class);
        assertThat(slow.done()).isFalse();
    }

    @LoopTest
    void waitForWithNoTimeReturnsWhatWouldNotBeCancelled() throws Exception {
        Task<Integer> stubborn = createTask(() -> {
            try {
                sleep(LONG);
            } catch (CancelledError e) {
                return 42;
            }
            return 0;
        });
        yieldNow();
        assertThat(waitFor(stubborn, Duration.ZERO)).isEqualTo(42);
    }
}
