package dev.offloop.bench;

import dev.offloop.Runner;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * Measures what the watchdog and the measurements for the advisor cost: the same work on loops with and without them,
 * in turns in one JVM, with the order changed each time. Prints the medians and the median of the ratios.
 */
final class MonitoringCost {

    private static final int WARM_UP_ROUNDS = 4;
    private static final int ROUNDS = 20;
    private static final int AT_ONCE = 20_000;

    private MonitoringCost() {}

    private interface Part {
        void run(int count) throws Exception;
    }

    private static final class Line {
        final String name;
        final int count;
        final Part part;
        final double[] without = new double[ROUNDS];
        final double[] with = new double[ROUNDS];

        Line(String name, int count, Part part) {
            this.name = name;
            this.count = count;
            this.part = part;
        }
    }

    static void main() throws Exception {
        var lines = new Line[] {
            new Line("one switch", 1_000_000, Work::switches),
            new Line("spawn + await", 200_000, Work::spawns),
            new Line("toThread round trip", 10_000, Work::threadRoundTrips),
            new Line("toThread 20 k at once, each", 15 * AT_ONCE, count -> {
                for (int begun = 0; begun < count; begun += AT_ONCE) {
                    var _ = Work.threadsAtOnce(AT_ONCE);
                }
            })
        };
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            for (int half = 0; half < 2; half++) {
                boolean watched = Math.floorMod(half + round, 2) == 0;
                measure(lines, round, watched);
            }
        }
        System.out.printf(Locale.ROOT, "%-30s %12s %12s %8s%n", "ns per operation", "without", "with", "ratio");
        for (Line line : lines) {
            double[] ratios = new double[ROUNDS];
            Arrays.setAll(ratios, round -> line.with[round] / line.without[round]);
            System.out.printf(
                    Locale.ROOT,
                    "%-30s %12.0f %12.0f %8.3f%n",
                    line.name,
                    median(line.without),
                    median(line.with),
                    median(ratios));
        }
    }

    private static void measure(Line[] lines, int round, boolean watched) throws Exception {
        System.setProperty("offloop.advice", watched ? "on" : "off");
        try (Runner runner = Runner.builder()
                .slowStepThreshold(watched ? Duration.ofMillis(100) : Duration.ZERO)
                .onSlowStep(_ -> {})
                .build()) {
            for (Line line : lines) {
                long begin = System.nanoTime();
                runner.run(() -> line.part.run(line.count));
                double each = (System.nanoTime() - begin) / (double) line.count;
                if (round >= 0) {
                    (watched ? line.with : line.without)[round] = each;
                }
            }
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
