package dev.offloop.internal.monitor;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Says how long a thread has run, and how long it was ready to run but had to wait for a processor.
 *
 * @param runNanos the time on a processor
 * @param delayNanos the time in the run queue of the operating system
 */
public record CpuUse(long runNanos, long delayNanos) {

    /** What the JDK's threads that carry virtual ones are called there. */
    private static final String CARRIER = "ForkJoinPool-1-";

    private static final File TASKS = new File("/proc/self/task");

    /**
     * Returns the use by all threads that carry virtual ones, one of which carries the loop; null if that is not known.
     */
    public static @Nullable CpuUse ofCarriers() {
        String[] ids = TASKS.list();
        CpuUse sum = null;
        for (String id : ids == null ? new String[0] : ids) {
            CpuUse use = text(new File(TASKS, id + "/comm")).startsWith(CARRIER) ? new OsThread(id).use() : null;
            if (use != null) {
                sum = sum == null ? use : new CpuUse(sum.runNanos + use.runNanos, sum.delayNanos + use.delayNanos);
            }
        }
        return sum;
    }

    private static String text(File file) {
        try (var in = new FileInputStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException | RuntimeException e) {
            return ""; // there is no such system, or the thread has ended
        }
    }

    /**
     * Identifies a thread of the operating system, where there is a {@code /proc} as on Linux.
     *
     * @param id its number
     */
    public record OsThread(String id) {

        /** Returns the calling platform thread; null where it has no number that is known. */
        public static @Nullable OsThread current() {
            try {
                var self = new File("/proc/thread-self");
                String id = self.getCanonicalFile().getName();
                return id.isEmpty() || !Character.isDigit(id.charAt(0)) ? null : new OsThread(id);
            } catch (IOException | SecurityException e) {
                return null;
            }
        }

        /** From any thread: returns what the thread has used; null if that is not known. */
        public @Nullable CpuUse use() {
            String[] numbers = text(new File(TASKS, id + "/schedstat")).split(" ", 3);
            try {
                return numbers.length < 2 ? null : new CpuUse(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
            } catch (NumberFormatException e) {
                return null;
            }
        }
    }
}
