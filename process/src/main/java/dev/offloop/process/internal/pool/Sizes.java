package dev.offloop.process.internal.pool;

import java.util.Locale;

/** Numbers of bytes in words. */
final class Sizes {

    static final long MEBI = 1024 * 1024;

    private Sizes() {}

    static String inWords(long bytes) {
        if (bytes < MEBI) {
            return bytes + " bytes";
        }
        return bytes < 10 * MEBI
                ? String.format(Locale.ROOT, "%.1f MiB", (double) bytes / MEBI)
                : bytes / MEBI + " MiB";
    }
}
