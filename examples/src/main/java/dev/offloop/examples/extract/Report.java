package dev.offloop.examples.extract;

import java.time.Duration;
import java.util.Locale;

/** The table at the end. */
final class Report {

    private Report() {}

    static String of(Extraction extraction, Duration wallTime, String database) {
        Totals totals = extraction.totals();
        Heartbeat heartbeat = extraction.heartbeat();
        var table = new StringBuilder();
        line(table, "files", totals.found());
        line(table, "extracted", totals.count(Status.OK));
        line(table, "pages", totals.pages());
        line(table, "characters", totals.characters());
        line(table, "failures", totals.failures());
        for (Status status : Status.values()) {
            if (status != Status.OK && totals.count(status) > 0) {
                line(table, "  " + status, totals.count(status));
            }
        }
        if (totals.done() < totals.found()) {
            line(table, "not done", totals.found() - totals.done());
        }
        line(table, "wall time", "%.1f s".formatted(wallTime.toMillis() / 1000.0));
        line(table, "loop delay, 99 %", "%.1f ms".formatted(heartbeat.percentile99Millis()));
        line(table, "loop delay, worst", "%.1f ms".formatted(heartbeat.worstMillis()));
        line(table, "heartbeats", heartbeat.beats());
        return table + "rows in " + database;
    }

    private static void line(StringBuilder table, String name, long value) {
        line(table, name, String.format(Locale.ROOT, "%,d", value));
    }

    private static void line(StringBuilder table, String name, String value) {
        table.append(String.format(Locale.ROOT, "%-18s %14s%n", name, value));
    }
}
