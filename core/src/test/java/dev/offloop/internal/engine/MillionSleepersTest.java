package dev.offloop.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.ChildJvm;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class MillionSleepersTest {

    @Test
    @Timeout(value = 150, unit = TimeUnit.SECONDS)
    void aMillionTasksAsleepFitInThreeGigabytesAndAreGathered() throws Exception {
        ChildJvm.Result result = ChildJvm.run(MillionSleepers.class, Map.of(), "-Xmx3g");
        assertThat(result.output()).contains("asleep: 1000000", "gathered: 1000000 sum: 499999500000");
        assertThat(result.exitCode()).isZero();
    }
}
