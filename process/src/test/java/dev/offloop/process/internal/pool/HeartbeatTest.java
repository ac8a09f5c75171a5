package dev.offloop.process.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a worker is taken for dead. */
class HeartbeatTest {

    private final Heartbeat heartbeat = new Heartbeat(800, 0);

    @Test
    void onlyAfterTheTimeoutWithoutASign() {
        for (int now = 100; now <= 700; now += 100) {
            assertThat(heartbeat.isSilent(0, now)).isFalse();
        }
        assertThat(heartbeat.isSilent(0, 800)).isTrue();
    }

    @Test
    void everySignBeginsItAnew() {
        for (int now = 0; now < 100_000; now += 100) {
            assertThat(heartbeat.isSilent(now / 700, now)).isFalse();
        }
    }

    @Test
    void aParentThatWasStoppedItselfHasMissedOneSignOnly() {
        assertThat(heartbeat.isSilent(0, 1_000_000)).isFalse();
        assertThat(heartbeat.isSilent(1, 1_000_100)).isFalse();
    }

    @Test
    void aTimeoutOfForEverIsForEver() {
        var unlimited = new Heartbeat(Long.MAX_VALUE, 0);
        assertThat(unlimited.nextCheck()).isEqualTo(Long.MAX_VALUE);
        for (int i = 0; i < 20; i++) {
            assertThat(unlimited.isSilent(0, Long.MAX_VALUE - 1)).isFalse();
        }
    }
}
