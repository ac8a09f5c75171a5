package dev.offloop.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.ChildJvm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 150, unit = TimeUnit.SECONDS)
class BlockedStepDiagnosisTest {

    private static String loggedWith(String held, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-Dheld=" + held);
        all.add("-Doffloop.slowStepThreshold=off"); // the program ends with the first report
        return ChildJvm.run(BlockedLoop.class, Map.of(), all.toArray(String[]::new))
                .output();
    }

    @Test
    void monitorHeldAcrossAnAwaitIsReportedWithItsHolderAndTheAwait() throws Exception {
        assertThat(loggedWith("monitor"))
                .contains("SEVERE", "blocked permanently: task wanting, at dev.offloop.internal.engine.BlockedLoop.")
                .contains("waits for the monitor java.lang.Object@")
                .contains(
                        "that task holder holds, which awaits at dev.offloop.internal.engine.BlockedLoop.awaitSomething(BlockedLoop.java:");
    }

    @Test
    void lockHeldAcrossAnAwaitIsReportedWithAllPossibleHolders() throws Exception {
        assertThat(loggedWith("lock"))
                .contains("WARNING", "task wanting, at dev.offloop.internal.engine.BlockedLoop.")
                .contains("waits for java.util.concurrent.locks.ReentrantLock$NonfairSync@")
                .contains(
                        "task holder awaits at dev.offloop.internal.engine.BlockedLoop.awaitSomething(BlockedLoop.java:");
    }

    @Test
    void lockIsReportedWithItsHolderWhereLocksAreOpen() throws Exception {
        assertThat(loggedWith("lock", "--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED"))
                .contains("SEVERE", "blocked permanently: task wanting")
                .contains(
                        "that task holder holds, which awaits at dev.offloop.internal.engine.BlockedLoop.awaitSomething(BlockedLoop.java:");
    }

    @Test
    void whatAThreadHoldsIsNotTakenForADeadlock() throws Exception {
        assertThat(loggedWith("byThread")).startsWith("ended");
        assertThat(loggedWith("latch")).startsWith("ended");
    }
}
