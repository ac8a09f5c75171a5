package dev.offloop.process.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory a process really has. */
final class ResidentMemory {

    private static final String FIELD = "VmRSS:";

    private ResidentMemory() {}

    /** In bytes; 0 where the system does not say. */
    static long of(long pid) {
        try {
            String status = Files.readString(Path.of("/proc/" + pid + "/status"));
            int from = status.indexOf(FIELD) + FIELD.length();
            return Long.parseLong(
                            status.substring(from, status.indexOf(" kB", from)).trim())
                    * 1024;
        } catch (IOException | RuntimeException notThere) {
            return 0;
        }
    }
}
