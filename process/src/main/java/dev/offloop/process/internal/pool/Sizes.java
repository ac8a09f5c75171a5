package dev.offloop.process.internal.pool;

import java.util.Locale;

/** Numbers of bytes in words, and in the form that {@code java -Xmx} takes. */
public final class Sizes {

    static final long MEBI = 1024 * 1024;

    private Sizes() {}

    /**
     * Returns the bytes of a size.
     *
     * @param what the option, for the message
     * @throws IllegalArgumentException if it is not a size, or too large for a {@code long}
     */
    public static long parse(String what, String size) {
        if (size.matches("[1-9][0-9]{0,17}[kKmMgGtT]?")) {
            int last = size.length() - 1;
            int unit = "kmgt".indexOf(Character.toLowerCase(size.charAt(last)));
            try {
                return Math.multiplyExact(
                        Long.parseLong(unit < 0 ? size : size.substring(0, last)), 1L << (10 * (unit + 1)));
            } catch (ArithmeticException tooLarge) {
                // says so
            }
        }
        throw new IllegalArgumentException(what + " must be a size like 256m or 2g: " + size);
    }

    public static String inWords(long bytes) {
        if (bytes < MEBI) {
            return bytes + " bytes";
        }
        return bytes < 10 * MEBI
                ? String.format(Locale.ROOT, "%.1f MiB", (double) bytes / MEBI)
                : bytes / MEBI + " MiB";
    }
}
