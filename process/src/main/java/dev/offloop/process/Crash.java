package dev.offloop.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds out how a worker died, from what is left of it. */
final class Crash {

    /** Where a JVM that crashes writes its report; it outlives the pool. */
    private static final Path REPORTS = Path.of(System.getProperty("java.io.tmpdir"));

    private static final int REPORT_LINES = 12;
    private static final List<Path> OOM_COUNTERS =
            List.of(Path.of("/sys/fs/cgroup/memory.events"), Path.of("/proc/vmstat"));

    /** What a JVM prints when its heap is full and it ends for that, and a function that exits so does not. */
    private static final String LAST_WORDS = "Terminating due to java.lang.OutOfMemoryError";

    private Crash() {}

    /** The argument that makes a worker write its report there. */
    static String reportArgument() {
        return "-XX:ErrorFile=" + REPORTS.resolve("offloop_hs_err_pid%p.log");
    }

    /** What a worker that has died failed its call with. */
    static WorkerCrashedException of(Worker worker) {
        ExitStatus status = worker.exitStatus();
        String details = (worker.silent ? ", since it gave no sign of life" : "") + report(worker.pid()) + tail(worker);
        if (status.heapWasFull() && (worker.lines() == null || details.contains(LAST_WORDS))) {
            return new WorkerOutOfMemoryException(
                    worker.pid(), status, ", out of memory (its heap is full: see Builder.maxHeap)" + details, false);
        }
        if ("SIGKILL".equals(status.signal()) && !worker.wasKilled() && kernelKills() > worker.kernelKillsBefore()) {
            return new WorkerOutOfMemoryException(
                    worker.pid(), status, ", by the kernel, since memory was short" + details, true);
        }
        return new WorkerCrashedException(worker.pid(), status, details);
    }

    private static String report(long pid) {
        Path file = REPORTS.resolve("offloop_hs_err_pid" + pid + ".log");
        if (!Files.isReadable(file)) {
            return "";
        }
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith("# ") && line.length() > 2)
                    .limit(REPORT_LINES)
                    .collect(Collectors.joining("\n", "\nIts crash report is " + file + ":\n", ""));
        } catch (IOException | RuntimeException unreadable) {
            return "\nIts crash report is " + file;
        }
    }

    static String tail(Worker worker) {
        String printed = worker.lastLines();
        return printed.isEmpty() ? "" : "\nThe last that it printed:\n" + printed;
    }

    /** How many processes the kernel has killed for their memory, in this container or on this machine; 0 if unknown. */
    static long kernelKills() {
        for (Path counters : OOM_COUNTERS) {
            try (Stream<String> lines = Files.lines(counters)) {
                var kills = lines.filter(line -> line.startsWith("oom_kill ")).findFirst();
                if (kills.isPresent()) {
                    return Long.parseLong(
                            kills.get().substring("oom_kill ".length()).trim());
                }
            } catch (IOException | RuntimeException notThere) {
                // another kernel
            }
        }
        return 0;
    }
}
