package dev.offloop.examples.guide;

import static dev.offloop.Async.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.*;
import dev.offloop.testkit.*;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The snippets of {@code docs/guide/testing.md}, run. */
@SuppressWarnings("unused")
class TestingGuideTest {

    private static String remind(Duration when) {
        sleep(when);
        return "pay the rent";
    }

    private static String loadWithRetry() throws Exception {
        try {
            return await(toThread(() -> "from the disk"));
        } catch (IOException e) {
            return await(toThread(() -> "from the disk"));
        }
    }

    private static final class Wallet {
        private int money = 10;
        private final List<String> bought = new ArrayList<>();

        void buy(String what) {
            if (money >= 10) {
                bought.add(what);
                money -= 10; // no await since the check: no other task runs between
            }
        }
    }

    // snippet: testing-loop-test
    @LoopTest
    void remindsAfterADay() throws Exception {
        Task<String> reminder = createTask(() -> remind(Duration.ofDays(1)));
        sleep(Duration.ofHours(23)); // takes no time
        assertThat(reminder.done()).isFalse();
        assertThat(await(reminder)).isEqualTo("pay the rent");
        assertThat(EventLoop.current().time()).isEqualTo(Duration.ofDays(1)); // to the nanosecond
    }
    // end

    // snippet: testing-seeds
    @LoopTest(seeds = 100)
    void purchaseWithoutMoneyFails() throws Exception {
        var wallet = new Wallet();
        await(gather(
                createTask(() -> {
                    yieldNow();
                    wallet.buy("book");
                }),
                createTask(() -> wallet.buy("film"))));
        assertThat(wallet.bought).hasSize(1);
    }
    // end

    // snippet: testing-executor
    @LoopTest
    void triesAgainWhenTheDiskFails() throws Exception {
        var disk = new TestExecutor();
        EventLoop.current().setDefaultExecutor(disk);
        Task<String> loading = createTask(() -> loadWithRetry());
        disk.next().fail(new IOException("unplugged")); // the function never runs
        sleep(Duration.ofHours(1)); // time goes on, although a call is under way
        disk.next().complete("made up"); // run() would run it
        assertThat(await(loading)).isEqualTo("made up");
    }
    // end

    // snippet: testing-blocking
    @LoopTest
    void neverHoldsTheLoop() throws Exception {
        String text = BlockingDetector.inRealTime().assertHeldAtMost(Duration.ofSeconds(5), () -> loadWithRetry());
        assertThat(text).isEqualTo("from the disk");
    }
    // end

    // snippet: testing-advance
    @LoopTest
    void aBusyTaskMissesItsTime() throws Exception {
        Task<Duration> tick = createTask(() -> {
            sleep(Duration.ofSeconds(1));
            return EventLoop.current().time();
        });
        yieldNow();
        VirtualClock.current().advance(Duration.ofSeconds(3)); // as if this task had computed for 3 s
        assertThat(await(tick)).isEqualTo(Duration.ofSeconds(3));
    }
    // end
}
