package dev.offloop.process.internal.io;

import dev.offloop.process.WorkerCrashedException;
import dev.offloop.process.WorkerOutOfMemoryException;
import dev.offloop.process.internal.pool.Sizes;
import dev.offloop.process.internal.pool.WorkerLink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how a worker died, from what is left of it.
 *
 * @param pid of its process
 * @param status how the process ended
 * @param printed what it printed last
 * @param killedByUs whether the pool killed it
 * @param exceeded how much memory it had when it was killed for having more than its limit; 0 if it was not
 * @param memoryLimit that limit
 * @param kernelKillsBefore how many processes the kernel had killed for their memory when this one was started
 * @param reportFile where a JVM that crashes writes its report; null if nothing was started
 * @param readsOutput whether what it printed is known
 */
record Crash(
        long pid,
        ExitStatus status,
        String printed,
        boolean killedByUs,
        long exceeded,
        long memoryLimit,
        long kernelKillsBefore,
        @Nullable Path reportFile,
        boolean readsOutput)
        implements WorkerLink.Loss {

    private static final int REPORT_LINES = 12;
    private static final int REPORT_BYTES = 16 * 1024;
    private static final List<Path> OOM_COUNTERS =
            List.of(Path.of("/sys/fs/cgroup/memory.events"), Path.of("/proc/vmstat"));

    /** What a JVM prints when its heap is full and it ends for that, and a function that exits by itself does not. */
    private static final String LAST_WORDS = "Terminating due to java.lang.OutOfMemoryError";

    @Override
    public String inWords() {
        return status.inWords() + (exceededLimit() ? ", since it had " + figures() : "");
    }

    private String figures() {
        return Sizes.inWords(exceeded) + " of memory, heap and native memory together, and may have "
                + Sizes.inWords(memoryLimit) + " (see Builder.memoryLimit)";
    }

    @Override
    public boolean exceededLimit() {
        return exceeded > 0;
    }

    @Override
    public boolean heapWasFull() {
        return status.heapWasFull() && (!readsOutput || printed.contains(LAST_WORDS));
    }

    @Override
    public String lastOutput() {
        return printed.isEmpty() ? "" : "\nThe last that it printed:\n" + printed;
    }

    @Override
    public WorkerCrashedException crash(String details) {
        String rest = details + report() + lastOutput();
        if (exceededLimit()) {
            return new WorkerOutOfMemoryException(
                    message(rest), pid, status.code(), status.signalName(), exceeded, memoryLimit);
        }
        if (heapWasFull()) {
            return outOfMemory(message(", out of memory (its heap is full: see Builder.maxHeap)" + rest));
        }
        if ("SIGKILL".equals(status.signal()) && !killedByUs && kernelKills() > kernelKillsBefore) {
            return new WorkerOutOfMemoryException(
                    message(", by the kernel, since memory was short" + rest),
                    pid,
                    status.code(),
                    status.signalName(),
                    true);
        }
        return new WorkerCrashedException(message(rest), pid, status.code(), status.signalName());
    }

    private String message(String rest) {
        return "Worker process " + pid + " ended while it ran the function: " + inWords() + rest;
    }

    @Override
    public WorkerOutOfMemoryException outOfMemory(String message) {
        return new WorkerOutOfMemoryException(message, pid, status.code(), status.signalName(), false);
    }

    /**
     * Quotes the crash report, and moves it to where it outlives the pool. The file lies in a folder that the worker
     * could write to, so it is believed no further than that: only a plain file is opened, and little of it is read.
     */
    @Override
    public String report() {
        Path file = reportFile;
        if (file == null || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return "";
        }
        String quoted;
        try (InputStream in = Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            quoted = new String(in.readNBytes(REPORT_BYTES), StandardCharsets.ISO_8859_1)
                    .lines()
                    .filter(line -> line.startsWith("# ") && line.length() > 2)
                    .limit(REPORT_LINES)
                    .collect(Collectors.joining("\n", ":\n", ""));
        } catch (IOException | RuntimeException unreadable) {
            quoted = "";
        }
        return "\nIts crash report is " + keep(file) + quoted;
    }

    private Path keep(Path file) {
        try {
            Path kept = Files.createTempFile("offloop_hs_err_pid" + pid + "-", ".log");
            return Files.move(file, kept, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException notMoved) {
            return file;
        }
    }

    /**
     * How many processes the kernel has killed for their memory, in this container or on this machine; 0 if unknown.
     */
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
