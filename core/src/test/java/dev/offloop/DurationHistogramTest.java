package dev.offloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How well a histogram remembers. */
class DurationHistogramTest {

    private final DurationHistogram histogram = new DurationHistogram();

    @Test
    void anEmptyOneSaysNone() {
        assertThat(histogram.count()).isZero();
        assertThat(histogram.mean()).isZero();
        assertThat(histogram.max()).isZero();
        assertThat(histogram.percentile(50)).isZero();
    }

    @Test
    void oneTimeIsAllOfThem() {
        histogram.record(123_456_789);
        assertThat(histogram.percentile(0)).isEqualTo(Duration.ofNanos(123_456_789));
        assertThat(histogram.percentile(100)).isEqualTo(Duration.ofNanos(123_456_789));
        assertThat(histogram.mean()).isEqualTo(Duration.ofNanos(123_456_789));
    }

    @Test
    void aPercentileIsNeverBelowTheTruthAndAtMostThreePercentAboveIt() {
        var random = new Random(7);
        long[] times = new long[10_000];
        for (int i = 0; i < times.length; i++) {
            times[i] = random.nextLong(1L << random.nextInt(1, 62));
            histogram.record(times[i]);
        }
        Arrays.sort(times);
        for (double percentage : new double[] {0.01, 1, 10, 50, 90, 99, 99.9, 100}) {
            long truth = times[(int) Math.ceil(times.length * percentage / 100) - 1];
            assertThat(histogram.percentile(percentage).toNanos()).isBetween(truth, truth + Math.max(1, truth / 32));
        }
        assertThat(histogram.max().toNanos()).isEqualTo(times[times.length - 1]);
    }

    @Test
    void theExtremesHaveTheirPlace() {
        histogram.record(-5);
        histogram.record(Long.MAX_VALUE);
        assertThat(histogram.percentile(50)).isZero();
        assertThat(histogram.percentile(100).toNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aCopyStaysAsItIs() {
        histogram.record(10);
        DurationHistogram copy = histogram.copy();
        histogram.record(1_000);
        assertThat(copy.count()).isEqualTo(1);
        assertThat(copy.max()).isEqualTo(Duration.ofNanos(10));
    }

    @Test
    void thereIsNoHundredAndFirstPercent() {
        assertThatThrownBy(() -> histogram.percentile(101)).hasMessageContaining("101");
        assertThatThrownBy(() -> histogram.percentile(Double.NaN)).hasMessageContaining("NaN");
    }

    @Test
    void differenceToAnEarlierCopyHoldsWhatCameSince() {
        histogram.record(1_000_000);
        DurationHistogram earlier = histogram.copy();
        histogram.record(10);
        histogram.record(30);
        DurationHistogram since = histogram.since(earlier);
        assertThat(since.count()).isEqualTo(2);
        assertThat(since.total()).isEqualTo(Duration.ofNanos(40));
        assertThat(since.max()).isEqualTo(Duration.ofNanos(30));
    }

    @Test
    void sumOfTwoHoldsWhatBothHave() {
        histogram.record(1_000_000);
        var other = new DurationHistogram();
        other.record(2_000_000);
        histogram.add(other);
        assertThat(histogram.count()).isEqualTo(2);
        assertThat(histogram.max()).isEqualTo(Duration.ofMillis(2));
        assertThat(other.count()).isEqualTo(1);
    }
}
