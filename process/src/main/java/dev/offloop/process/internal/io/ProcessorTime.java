package dev.offloop.process.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** How much processor time a process has used, with all its threads. */
final class ProcessorTime {

    /** Of user and system time, after the name, which is in parentheses and may have others in it. */
    private static final int USER = 11;

    private static final int SYSTEM = 12;

    /** The unit of these fields, which is the same wherever Java runs on Linux. */
    private static final long TICK_NANOS = 10_000_000;

    private ProcessorTime() {}

    /** In nanoseconds; -1 where the system does not say. */
    static long of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", SYSTEM + 2);
            return (Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM])) * TICK_NANOS;
        } catch (IOException | RuntimeException noProc) {
            return ProcessHandle.of(pid)
                    .flatMap(process -> process.info().totalCpuDuration())
                    .map(Duration::toNanos)
                    .orElse(-1L);
        }
    }
}
