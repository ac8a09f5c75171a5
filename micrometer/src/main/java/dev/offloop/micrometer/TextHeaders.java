package dev.offloop.micrometer;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The values in Micrometer's registry that are text, as headers: strings, and maps of strings such as SLF4J's MDC. They
 * are for a process of the same program, whose registry has an accessor with the same key.
 *
 * <p>A header has the key of the accessor in its name, and for a map the key of the entry behind it. The length in
 * between makes the name unambiguous. What is too long for a header is left out: a call must not fail for its MDC.
 */
final class TextHeaders {

    private static final String STRING = "offloop-string.";
    private static final String MAP = "offloop-map.";

    /** In characters, of a name or a value: a header has 64 kB at the most, and a character three bytes. */
    static final int LONGEST = 16 * 1024;

    private TextHeaders() {}

    /** Adds what the calling thread has. */
    static void addCurrent(Map<String, String> headers) {
        for (ThreadLocalAccessor<?> accessor : ContextRegistry.getInstance().getThreadLocalAccessors()) {
            if (accessor.key() instanceof String key) {
                switch (accessor.getValue()) {
                    case String text -> add(name(STRING, key), text, headers);
                    case Map<?, ?> map -> map.forEach((entry, value) -> add(name(MAP, key) + entry, value, headers));
                    case null, default -> {}
                }
            }
        }
    }

    private static void add(String name, @Nullable Object value, Map<String, String> headers) {
        if (value instanceof String text && name.length() <= LONGEST && text.length() <= LONGEST) {
            headers.put(name, text);
        }
    }

    private static String name(String kind, String key) {
        return kind + key.length() + "." + key + ".";
    }

    /** Calls a function while the calling thread has what the headers say. */
    static <T> T within(Map<String, String> headers, Supplier<T> work) {
        Deque<Runnable> undo = new ArrayDeque<>();
        try {
            for (ThreadLocalAccessor<?> accessor : ContextRegistry.getInstance().getThreadLocalAccessors()) {
                if (accessor.key() instanceof String key) {
                    Object value = valueOf(key, headers);
                    if (value != null) {
                        undo.push(set(accessor, value));
                    }
                }
            }
            return work.get();
        } finally {
            undo.forEach(Runnable::run);
        }
    }

    private static @Nullable Object valueOf(String key, Map<String, String> headers) {
        String text = headers.get(name(STRING, key));
        if (text != null) {
            return text;
        }
        String prefix = name(MAP, key);
        Map<String, String> map = new HashMap<>();
        headers.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                map.put(name.substring(prefix.length()), value);
            }
        });
        return map.isEmpty() ? null : map;
    }

    /** Sets a value and returns what puts back the one before. */
    @SuppressWarnings("unchecked") // the accessor of the same key in the same program has returned such a value
    private static <V> Runnable set(ThreadLocalAccessor<V> accessor, Object value) {
        V before = accessor.getValue();
        accessor.setValue((V) value);
        return () -> {
            if (before == null) {
                accessor.restore();
            } else {
                accessor.restore(before);
            }
        };
    }
}
