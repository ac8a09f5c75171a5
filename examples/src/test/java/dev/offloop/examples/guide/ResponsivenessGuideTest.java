package dev.offloop.examples.guide;

import static dev.offloop.Async.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.*;
import dev.offloop.monitor.*;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The snippets of {@code docs/guide/responsiveness.md}, run. */
class ResponsivenessGuideTest {

    private final List<SlowStep> seen = new CopyOnWriteArrayList<>();

    private static String load() throws InterruptedException {
        Thread.sleep(300);
        return "prices";
    }

    @Test
    void blockedLoopGoesOnWhileNothingElseRuns() throws Exception {
        // snippet: responsive-blocked
        run(() -> {
            String prices = await(createTask("fetch-prices", () -> load())); // load() calls Thread.sleep, or a database
            assertThat(prices).isEqualTo("prices");
        });
        // end
    }

    @Test
    void slowStepGoesToTheListener() throws Exception {
        // snippet: responsive-listener
        try (Runner runner = Runner.builder()
                .slowStepThreshold(Duration.ofMillis(50)) // 100 ms by default; zero reports nothing
                .onSlowStep(step -> seen.add(step)) // instead of the log
                .build()) {
            runner.run(() -> load());
        }
        assertThat(seen.getFirst().cause()).isEqualTo(SlowStep.Cause.SLEEP);
        // end
    }

    @Test
    void offloadedCallBlocksNoLoop() throws Exception {
        try (Runner runner = Runner.builder().onSlowStep(seen::add).build()) {
            runner.run(() -> {
                // snippet: responsive-fixed
                String prices = await(createTask("fetch-prices", () -> await(toThread(() -> load()))));
                // end
                assertThat(prices).isEqualTo("prices");
            });
        }
        assertThat(seen).isEmpty();
    }
}
