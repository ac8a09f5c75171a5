package dev.offloop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.offloop.DurationHistogram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Turns a status into the lines of {@code top}. With the status before it, numbers are those of the time between. */
final class Screen {

    private static final double MICROS = 1e3;
    private static final double MILLIS = 1e6;

    private Screen() {}

    static List<String> lines(JsonNode status, @Nullable JsonNode before, String heading) {
        List<String> lines = new ArrayList<>();
        lines.add(Output.styled("bold", heading) + "  " + status.path("command").asText());
        lines.add("");
        lines.add(Output.styled(
                "bold",
                String.format(
                        Locale.ROOT,
                        "%-24s %5s %9s %9s %9s %9s %7s %6s %6s %5s",
                        "EVENT LOOP",
                        "BUSY",
                        "LAG P50",
                        "P99",
                        "MAX",
                        "STEPS/S",
                        "TASKS",
                        "READY",
                        "TIMERS",
                        "SLOW")));
        for (JsonNode loop : status.path("loops")) {
            lines.add(loop(loop, before == null ? null : named(before.path("loops"), loop)));
        }
        List<String> executors = new ArrayList<>();
        for (JsonNode loop : status.path("loops")) {
            loop.path("executors")
                    .forEach(executor -> executors.add(String.format(
                            Locale.ROOT,
                            "%-44s %s, %d calls",
                            executor.path("name").asText(),
                            load(executor),
                            executor.path("calls").asLong())));
        }
        section(lines, "EXECUTORS", executors);
        List<String> pools = new ArrayList<>();
        for (JsonNode pool : status.path("pools")) {
            pools.add(String.format(Locale.ROOT, "%-44s %s", pool.path("name").asText(), load(pool)));
            pool.path("workers").forEach(worker -> pools.add("  " + worker(worker)));
        }
        section(lines, "POOLS", pools);
        List<String> findings = new ArrayList<>();
        for (JsonNode finding : status.path("findings")) {
            findings.add(
                    finding.path("kind").asText() + " " + finding.path("site").asText());
            findings.add("  " + finding.path("numbers").asText());
            findings.add("  " + finding.path("advice").asText());
        }
        section(lines, "ADVICE", findings);
        return lines;
    }

    private static void section(List<String> lines, String heading, List<String> content) {
        if (!content.isEmpty()) {
            lines.add("");
            lines.add(Output.styled("bold", heading));
            lines.addAll(content);
        }
    }

    private static @Nullable JsonNode named(JsonNode all, JsonNode loop) {
        for (JsonNode each : all) {
            if (each.path("name").equals(loop.path("name"))
                    && each.path("age").asDouble() <= loop.path("age").asDouble()) {
                return each;
            }
        }
        return null;
    }

    private static String loop(JsonNode loop, @Nullable JsonNode before) {
        double age = loop.path("age").asDouble();
        double busy = loop.path("busy").asDouble();
        double steps = loop.path("steps").asDouble();
        DurationHistogram lag = histogram(loop.path("lag"));
        if (before != null) {
            age -= before.path("age").asDouble();
            busy -= before.path("busy").asDouble();
            steps -= before.path("steps").asDouble();
            lag = lag.since(histogram(before.path("lag")));
        }
        double part = age <= 0 ? 0 : Math.clamp(busy / age, 0, 1);
        return String.format(
                Locale.ROOT,
                "%-24s %4.0f%% %9s %9s %9s %9.0f %7d %6d %6d %5d",
                shortened(loop.path("name").asText()),
                part * 100,
                time(lag, 50),
                time(lag, 99),
                time(lag, 100),
                age <= 0 ? 0 : steps * 1_000 / age,
                loop.path("tasks").asLong(),
                loop.path("ready").asLong(),
                loop.path("timers").asLong(),
                loop.path("slowSteps").asLong());
    }

    private static String shortened(String name) {
        int most = 24;
        return name.length() <= most ? name : name.substring(0, most - 1) + "…";
    }

    private static DurationHistogram histogram(JsonNode lag) {
        var histogram = new DurationHistogram();
        for (JsonNode count : lag.path("counts")) {
            histogram.record(count.path(0).asLong(), count.path(1).asLong());
        }
        return histogram;
    }

    private static String time(DurationHistogram histogram, double percentage) {
        if (histogram.count() == 0) {
            return "-";
        }
        return time(percentage == 100 ? histogram.max() : histogram.percentile(percentage));
    }

    private static String time(Duration duration) {
        long nanos = duration.toNanos();
        return nanos < MILLIS
                ? String.format(Locale.ROOT, "%.0f us", nanos / MICROS)
                : String.format(Locale.ROOT, "%.1f ms", nanos / MILLIS);
    }

    /** How much of an executor is in use. */
    static String load(JsonNode executor) {
        long size = executor.path("size").asLong();
        return executor.path("active").asLong() + (size == 0 ? "" : " of " + size) + " active, "
                + executor.path("queued").asLong() + " queued";
    }

    static String worker(JsonNode worker) {
        return String.format(
                Locale.ROOT,
                "worker %-3d pid %-8d %-10s for %.1f s, %d calls",
                worker.path("number").asLong(),
                worker.path("pid").asLong(),
                worker.path("state").asText(),
                worker.path("since").asDouble() / 1_000,
                worker.path("calls").asLong());
    }
}
