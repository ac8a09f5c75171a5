package dev.offloop.examples.extract;

import java.util.EnumMap;
import java.util.Map;

/** The figures of a run. Only tasks touch them, and tasks run one at a time: no lock. */
final class Totals {

    private final Map<Status, Integer> byStatus = new EnumMap<>(Status.class);
    private int found;
    private long pages;
    private long characters;

    void found(int files) {
        found = files;
    }

    void add(Row row) {
        byStatus.merge(row.status(), 1, Integer::sum);
        Document document = row.document();
        if (document != null) {
            pages += document.pages();
            characters += document.text().length();
        }
    }

    int found() {
        return found;
    }

    int done() {
        return byStatus.values().stream().mapToInt(Integer::intValue).sum();
    }

    int count(Status status) {
        return byStatus.getOrDefault(status, 0);
    }

    int failures() {
        return done() - count(Status.OK);
    }

    long pages() {
        return pages;
    }

    long characters() {
        return characters;
    }
}
