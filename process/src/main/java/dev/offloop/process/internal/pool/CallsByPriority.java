package dev.offloop.process.internal.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Calls in their order: the highest priority first, then as they were submitted.
 *
 * <p>A line for each priority. Those who come join at its end, those who come back nearly always at its head, so
 * neither costs more in a long line than in a short one.
 *
 * <p>Guarded by the pool's lock.
 */
final class CallsByPriority {

    private final TreeMap<Integer, ArrayDeque<Call<?>>> lines = new TreeMap<>(Comparator.reverseOrder());
    private int size;

    int size() {
        return size;
    }

    void add(Call<?> call) {
        ArrayDeque<Call<?>> line = lines.computeIfAbsent(call.options.priority(), _ -> new ArrayDeque<>());
        if (line.isEmpty() || line.getLast().id < call.id) {
            line.addLast(call);
        } else if (line.getFirst().id > call.id) {
            line.addFirst(call);
        } else {
            List<Call<?>> all = new ArrayList<>(line);
            all.add(call);
            all.sort((one, other) -> Long.compare(one.id, other.id));
            line.clear();
            line.addAll(all);
        }
        size++;
    }

    /** Takes the first; null if there is none. */
    @Nullable
    Call<?> poll() {
        Map.Entry<Integer, ArrayDeque<Call<?>>> first = lines.firstEntry();
        if (first == null) {
            return null;
        }
        Call<?> call = first.getValue().pollFirst();
        size--;
        if (first.getValue().isEmpty()) {
            lines.remove(first.getKey());
        }
        return call;
    }

    /** All of them; they stay. */
    List<Call<?>> all() {
        List<Call<?>> all = new ArrayList<>(size);
        lines.values().forEach(all::addAll);
        return all;
    }

    /** Takes out those that are done. */
    void removeDone() {
        size = 0;
        for (var lines = this.lines.values().iterator(); lines.hasNext(); ) {
            ArrayDeque<Call<?>> line = lines.next();
            line.removeIf(Call::isDone);
            size += line.size();
            if (line.isEmpty()) {
                lines.remove();
            }
        }
    }

    void clear() {
        lines.clear();
        size = 0;
    }
}
