package dev.offloop.testkit;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.EventLoop;
import dev.offloop.VirtualClock;
import java.time.Duration;

class BlockingDetectorTest {

    private static final Duration LIMIT = Duration.ofMillis(10);

    private final BlockingDetector virtual = BlockingDetector.inLoopTime();
    private final BlockingDetector real = BlockingDetector.inRealTime();

    private static void compute(Duration time) {
        VirtualClock.current().advance(time);
    }

    @LoopTest
    void whatAwaitsDoesNotHoldTheLoop() throws Exception {
        String result = virtual.assertHeldAtMost(LIMIT, () -> {
            sleep(Duration.ofDays(1));
            compute(LIMIT);
            sleep(Duration.ofDays(1));
            return "result";
        });
        assertThat(result).isEqualTo("result");
    }

    @LoopTest
    void theStepsOfTheBlockCountFromItsBeginning() throws Exception {
        compute(Duration.ofSeconds(1));
        virtual.assertHeldAtMost(LIMIT, () -> compute(LIMIT));
        compute(Duration.ofSeconds(1));
    }

    @LoopTest
    void aStepThatTakesTooLongFailsItToTheNanosecond() {
        assertThatThrownBy(() -> virtual.assertHeldAtMost(LIMIT, () -> {
                    compute(LIMIT);
                    sleep(Duration.ofDays(1));
                    compute(LIMIT.plusNanos(1));
                    sleep(Duration.ofDays(1));
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("held for 10 ms by task Task-")
                .hasMessageContaining("10 ms at most");
    }

    @LoopTest
    void theFirstStepOfTheBlockCountsTooIfAnAwaitFollows() {
        assertThatThrownBy(() -> virtual.assertHeldAtMost(LIMIT, () -> {
                    compute(Duration.ofSeconds(1));
                    sleep(Duration.ofDays(1));
                }))
                .hasMessageContaining("held for 1 s by task Task-");
    }

    @LoopTest
    void aStepOfAnotherTaskCountsAndIsNamed() {
        assertThatThrownBy(() -> virtual.assertHeldAtMost(
                        LIMIT, () -> await(createTask("greedy", () -> compute(Duration.ofSeconds(1))))))
                .hasMessageContaining("held for 1 s by task greedy");
    }

    @LoopTest
    void aCallbackCountsToo() {
        assertThatThrownBy(() -> virtual.assertHeldAtMost(LIMIT, () -> {
                    EventLoop.current().callSoon(() -> compute(Duration.ofSeconds(1)));
                    sleep(LIMIT);
                }))
                .hasMessageContaining("by a callback");
    }

    @LoopTest
    void whatTheBlockThrowsComesFirst() {
        assertThatThrownBy(() -> virtual.assertHeldAtMost(LIMIT, () -> {
                    compute(Duration.ofSeconds(1));
                    throw new IllegalStateException("mine");
                }))
                .hasMessage("mine")
                .satisfies(mine -> assertThat(mine.getSuppressed())
                        .anySatisfy(held -> assertThat(held).hasMessageContaining("held for 1 s")));
    }

    @LoopTest
    void inRealTimeTheLineIsNamedWhereTheLoopWasBlocked() {
        assertThatThrownBy(() -> real.assertHeldAtMost(Duration.ofMillis(50), () -> {
                    Thread.sleep(1000); // in the loop: the mistake to be found
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("by task Task-")
                .cause()
                .satisfies(
                        where -> assertThat(where.getStackTrace()[0].toString()).contains("BlockingDetectorTest.java"));
    }
}
