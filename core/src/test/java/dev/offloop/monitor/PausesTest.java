package dev.offloop.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.offloop.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What takes the processor away from a whole JVM is no task's fault. */
@Timeout(120)
class PausesTest {

    private static final Pattern PAUSED = Pattern.compile("paused for (\\d+) ms");

    private static void assertPausedWithoutAReport(ChildJvm.Result result) {
        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output()).doesNotContain("REPORT");
        Matcher paused = PAUSED.matcher(result.output());
        assertThat(paused.find()).as(result.output()).isTrue();
        assertThat(Long.parseLong(paused.group(1))).as("ms").isGreaterThan(100);
    }

    @Test
    void garbageCollectionIsNotBlamedOnATask() throws Exception {
        assertPausedWithoutAReport(
                ChildJvm.signal(BusyProgram.class, "", "gc", "-XX:+UseSerialGC", "-Xms400m", "-Xmx400m"));
    }

    @Test
    void suspendedProcessIsNotBlamedOnATask() throws Exception {
        assertPausedWithoutAReport(ChildJvm.signal(BusyProgram.class, "STOP CONT STOP CONT", "nothing"));
    }

    @Test
    void machineWithoutAFreeProcessorIsNotBlamedOnATask() throws Exception {
        assertPausedWithoutAReport(ChildJvm.signal(BusyProgram.class, "", "others"));
    }

    @Test
    void controlGroupWithLittleProcessorTimeIsNotBlamedOnATask() throws Exception {
        Path group = groupWithATenthOfAProcessor();
        try {
            assertPausedWithoutAReport(ChildJvm.signal(BusyProgram.class, "", group.toString()));
        } finally {
            Files.delete(group);
        }
    }

    /** Made with either version of control groups, where the test may do so. */
    private static Path groupWithATenthOfAProcessor() {
        Path first = Path.of("/sys/fs/cgroup/cpu");
        Path parent = Files.isDirectory(first) ? first : Path.of("/sys/fs/cgroup");
        Path group = parent.resolve("offloop-test-" + ProcessHandle.current().pid());
        try {
            Files.createDirectory(group);
            if (Files.exists(group.resolve("cpu.max"))) {
                Files.writeString(group.resolve("cpu.max"), "10000 100000");
            } else {
                Files.writeString(group.resolve("cpu.cfs_period_us"), "100000");
                Files.writeString(group.resolve("cpu.cfs_quota_us"), "10000");
            }
            return group;
        } catch (IOException | RuntimeException e) {
            boolean _ = group.toFile().delete();
            return abort("No control group with a limit can be made here: " + e);
        }
    }
}
