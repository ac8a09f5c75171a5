package dev.offloop.internal.util;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON: maps, iterables, strings, numbers, truth values and null. */
public final class Json {

    private static final char FIRST_PRINTABLE = ' ';

    private Json() {}

    public static String of(@Nullable Object value) {
        var text = new StringBuilder();
        append(text, value);
        return text.toString();
    }

    private static void append(StringBuilder text, @Nullable Object value) {
        switch (value) {
            case null -> text.append("null");
            case Map<?, ?> map -> {
                String separator = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    text.append(separator);
                    appendString(text, String.valueOf(entry.getKey()));
                    text.append(':');
                    append(text, entry.getValue());
                    separator = ",";
                }
                text.append(map.isEmpty() ? "{}" : "}");
            }
            case Iterable<?> all -> {
                text.append('[');
                String separator = "";
                for (Object each : all) {
                    text.append(separator);
                    append(text, each);
                    separator = ",";
                }
                text.append(']');
            }
            case Double number when number.isNaN() || number.isInfinite() -> text.append("null");
            case Number number -> text.append(number);
            case Boolean truth -> text.append(truth);
            default -> appendString(text, value.toString());
        }
    }

    private static void appendString(StringBuilder text, String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < FIRST_PRINTABLE || Character.isSurrogate(c)) {
                        text.append("\\u").append(hex(c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    private static String hex(char c) {
        return Integer.toHexString(0x10000 | c).substring(1);
    }
}
