package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A limit of memory by control groups, in a folder that looks like them: a kernel with real ones is rare in builds. */
class MemoryGroupTest {

    private static final String PROPERTY = "offloop.cgroup";

    @TempDir
    private Path groups;

    @AfterEach
    void forget() {
        System.clearProperty(PROPERTY);
    }

    /** What the kernel does when a group has too much memory. */
    private static void bePunished(String groups) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of(groups), "offloop-*")) {
            for (Path group : all) {
                if (Files.exists(group.resolve("cgroup.procs"))) {
                    Files.writeString(group.resolve("memory.events"), "max 7\noom 1\noom_kill 1\n");
                    Files.writeString(group.resolve("memory.peak"), "104857600\n");
                }
            }
        }
        new ProcessBuilder("kill", "-KILL", Long.toString(pid())).start();
        while (true) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aWorkerStartsInAGroupOfItsOwnAndTheKernelsVerdictIsTold() throws Exception {
        Files.writeString(groups.resolve("cgroup.subtree_control"), "cpu memory");
        Path abandoned = Files.createDirectory(groups.resolve("offloop-999999999-1"));
        System.setProperty(PROPERTY, groups.toString());
        String folder = groups.toString();
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).memoryLimit("100m").build()) {
            Throwable failure = catchThrowable(() -> get(pool.submit(() -> bePunished(folder))));
            assertThat(failure.getCause())
                    .isInstanceOf(WorkerOutOfMemoryException.class)
                    .hasMessageContaining("memoryLimit");
            var exceeded = (WorkerOutOfMemoryException) failure.getCause();
            assertThat(exceeded.memory()).hasValue(104857600);
            assertThat(exceeded.signal()).contains("SIGKILL");
            Calls.await().until(() -> Files.notExists(abandoned));
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(groups, "offloop-" + pid() + "-*")) {
            assertThat(all)
                    .allSatisfy(group -> assertThat(group.resolve("memory.max")).exists());
        }
    }

    @Test
    void aPlaceForGroupsThatIsNoneIsRejectedWhenThePoolIsMade() {
        System.setProperty(PROPERTY, groups.resolve("missing").toString());
        ProcessPoolExecutor.Builder builder = ProcessPoolExecutor.builder().memoryLimit("100m");
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(PROPERTY)
                .hasMessageContaining("missing");
    }
}
