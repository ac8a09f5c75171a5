package dev.offloop.process.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory a process really has. Values are in bytes, and 0 where the system does not say. */
final class ResidentMemory {

    private ResidentMemory() {}

    /**
     * All of it.
     *
     * @param shared whether memory counts that it may share with other processes
     */
    static long of(long pid, boolean shared) {
        String status = status(pid);
        return field(status, "VmRSS:") - (shared ? 0 : field(status, "RssShmem:"));
    }

    /**
     * What is its own: not the pages of files, which the system can take away, but what was swapped out.
     *
     * @param shared whether memory counts that it may share with other processes
     */
    static long own(long pid, boolean shared) {
        String status = status(pid);
        return field(status, "RssAnon:") + field(status, "VmSwap:") + (shared ? field(status, "RssShmem:") : 0);
    }

    private static String status(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/status"));
        } catch (IOException | RuntimeException notThere) {
            return "";
        }
    }

    private static long field(String status, String name) {
        int from = status.indexOf(name) + name.length();
        int to = status.indexOf(" kB", from);
        try {
            return from < name.length() || to < 0
                    ? 0
                    : Long.parseLong(status.substring(from, to).trim()) * 1024;
        } catch (NumberFormatException notThere) {
            return 0;
        }
    }
}
