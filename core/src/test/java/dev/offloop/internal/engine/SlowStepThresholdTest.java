package dev.offloop.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SlowStepThresholdTest {

    @Test
    void propertyIsADurationOrOff() {
        assertThat(SlowStepThreshold.parse("")).isEqualTo(Duration.ofMillis(100));
        assertThat(SlowStepThreshold.parse("250ms")).isEqualTo(Duration.ofMillis(250));
        assertThat(SlowStepThreshold.parse("2 s")).isEqualTo(Duration.ofSeconds(2));
        assertThat(SlowStepThreshold.parse("off")).isEqualTo(Duration.ZERO);
    }

    @Test
    void badPropertyIsAnErrorThatSaysWhatToWrite() {
        assertThatThrownBy(() -> SlowStepThreshold.parse("250"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("offloop.slowStepThreshold is '250'")
                .hasMessageContaining("'250ms'");
    }
}
