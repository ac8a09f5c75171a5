package dev.offloop.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is written as JSON. */
class JsonTest {

    @Test
    void valuesOfAllKindsAreWritten() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("text", "x");
        map.put("numbers", List.of(1, -2L, 0.5));
        map.put("truth", true);
        map.put("nothing", null);
        map.put("empty", Map.of());
        assertThat(Json.of(map))
                .isEqualTo("{\"text\":\"x\",\"numbers\":[1,-2,0.5],\"truth\":true,\"nothing\":null,\"empty\":{}}");
    }

    @Test
    void charactersThatJsonReservesAreEscaped() {
        assertThat(Json.of("\"\\\n\t\u0001 é \ud83d\ude00 \ud800"))
                .isEqualTo("\"\\\"\\\\\\n\\t\\u0001 é \\ud83d\\ude00 \\ud800\"");
    }

    @Test
    void numbersThatJsonDoesNotKnowAreNull() {
        assertThat(Json.of(Arrays.asList(Double.NaN, Double.POSITIVE_INFINITY))).isEqualTo("[null,null]");
    }
}
