package dev.offloop.internal.util;

import static dev.offloop.internal.util.Durations.inWords;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 s",
        "PT0.0000009S, 900 ns",
        "PT0.00025S, 0.25 ms",
        "PT0.5S, 500 ms",
        "PT0.499992586S, 499.992 ms",
        "PT0.9999999S, 999.999 ms",
        "PT1S, 1 s",
        "PT1.5S, 1.5 s",
        "PT59.9999S, 59.999 s",
        "PT1M, 1 min",
        "PT61.5S, 1 min 1 s",
        "PT1H5S, 1 h 5 s",
        "P2DT30M, 2 d 30 min",
        "PT-0.5S, -500 ms",
    })
    void writesDurationsAsPeopleDo(Duration duration, String words) {
        assertThat(inWords(duration)).isEqualTo(words);
    }

    @Test
    void writesTheLongestAndTheShortest() {
        assertThat(inWords(Duration.ofSeconds(Long.MAX_VALUE))).endsWith("s");
        assertThat(inWords(Duration.ofSeconds(Long.MIN_VALUE))).startsWith("PT-");
    }
}
