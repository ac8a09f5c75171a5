package dev.offloop.process.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The control group of one worker and of all processes that it starts. The kernel kills all of them when they have more
 * memory than the limit, all that it accounts: heap, native memory, memory of files that were read or written.
 *
 * @param path its folder
 * @param limit in bytes
 */
record MemoryGroup(Path path, long limit) {

    /**
     * The first argument is the group, the others are the command. A shell can move itself before it is the command.
     */
    private static final String ENTER = "echo 0 > \"$0/cgroup.procs\" && exec \"$@\"";

    void setUp() throws IOException {
        Files.writeString(path.resolve("memory.max"), Long.toString(limit));
        for (var setting : List.of(List.of("memory.swap.max", "0"), List.of("memory.oom.group", "1"))) {
            try {
                Files.writeString(path.resolve(setting.getFirst()), setting.getLast());
            } catch (IOException notInThisKernel) {
                // the limit is there without
            }
        }
    }

    /** What starts a command in this group, so that nothing of it is accounted elsewhere. */
    List<String> prefix() {
        return List.of("sh", "-c", ENTER, path.toString());
    }

    /** How much memory it had when the kernel killed its processes for that; 0 if it did not. */
    long exceeded() {
        try (Stream<String> events = Files.lines(path.resolve("memory.events"))) {
            boolean killed = events.anyMatch(line -> line.startsWith("oom_kill ") && !line.equals("oom_kill 0"));
            return killed ? peak() : 0;
        } catch (IOException | RuntimeException unreadable) {
            return 0;
        }
    }

    private long peak() throws IOException {
        try {
            return Long.parseLong(Files.readString(path.resolve("memory.peak")).trim());
        } catch (NoSuchFileException olderKernel) {
            return limit;
        }
    }

    void delete() {
        if (!MemoryGroups.isDeleted(path)) {
            MemoryGroups.deleteLater(path);
        }
    }
}
