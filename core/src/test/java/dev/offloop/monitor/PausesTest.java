package dev.offloop.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.ChildJvm;
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
}
