package dev.offloop.testkit;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.timeout;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CancelledError;
import dev.offloop.EventLoop;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TestLoopTest {

    @Test
    void returnsWhatTheCoroutineReturns() throws Exception {
        assertThat(TestLoop.run(() -> {
                    sleep(Duration.ofDays(1));
                    return EventLoop.current().time();
                }))
                .isEqualTo(Duration.ofDays(1));
    }

    @Test
    void isStrictWithoutJUnitToo() {
        assertThatThrownBy(() -> TestLoop.run(() -> {
                    var _ = createTask("forgotten", () -> sleep(Duration.ofDays(1)));
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("task forgotten");
    }

    @Test
    void tellsTheTestsOwnFailureFirstAndTheRestWithIt() {
        assertThatThrownBy(() -> TestLoop.run(() -> {
                    var _ = toThread(() -> {
                        throw new IllegalStateException("lost");
                    });
                    await(toThread(() -> Thread.sleep(20)));
                    throw new IllegalArgumentException("mine");
                }))
                .hasMessage("mine")
                .satisfies(mine -> assertThat(mine.getSuppressed())
                        .anySatisfy(other -> assertThat(other).hasMessageContaining("never retrieved")));
    }

    @Test
    void losesPatienceWithACallThatNeverEnds() throws Exception {
        var never = new CountDownLatch(1);
        TestLoop.builder()
                .patience(Duration.ofMillis(50))
                .run(() -> assertThatThrownBy(() ->
                                timeout(Duration.ofHours(1), () -> await(toThread(() -> never.await()))))
                        .isInstanceOf(TimeoutException.class));
    }

    @Test
    void refusesATimeOutThatHasPassed() {
        assertThatThrownBy(() -> TestLoop.builder().timeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 s");
    }

    @Test
    void aCancellationOfTheCoroutinesOwnIsNotLost() {
        assertThatThrownBy(() -> TestLoop.run(() -> {
                    EventLoop.current().callSoon(() -> {
                        throw new IllegalStateException("callback");
                    });
                    throw new CancelledError("mine");
                }))
                .isInstanceOf(CancelledError.class)
                .hasMessage("mine")
                .satisfies(mine -> assertThat(mine.getSuppressed()).hasSize(1));
    }

    @Test
    void aTaskIsGivenItsTurnsInEveryOrder() throws Exception {
        for (int seed = 1; seed <= 200; seed++) {
            TestLoop.builder().seed(seed).run(() -> {
                var _ = createTask(() -> {
                    for (int i = 0; i < 10; i++) {
                        yieldNow();
                    }
                });
            });
        }
    }

    @Test
    void anInterruptThatIsThereBeforeAlwaysKeepsTheCoroutineFromStarting() {
        for (int i = 0; i < 100; i++) {
            var begun = new AtomicBoolean();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> TestLoop.run(() -> begun.set(true))).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
            assertThat(begun).isFalse();
        }
    }
}
