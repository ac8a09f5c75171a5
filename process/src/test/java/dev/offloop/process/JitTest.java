package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** How much workers invest in compiling. */
class JitTest {

    private static long option(ProcessPoolExecutor.Builder builder, String name) throws Exception {
        try (var pool = builder.maxWorkers(1).build()) {
            return Long.parseLong(
                    get(pool.submit(() -> ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                            .getVMOption(name)
                            .getValue())));
        }
    }

    @Test
    void aQuickWorkerUsesTheFastCompilerOnly() throws Exception {
        assertThat(option(ProcessPoolExecutor.builder().jit(Jit.QUICK), "TieredStopAtLevel"))
                .isEqualTo(1);
    }

    @Test
    void aWorkerOptimizesLaterThanTheJvmWouldUnlessItIsToPeak() throws Exception {
        long balanced = option(ProcessPoolExecutor.builder(), "Tier4InvocationThreshold");
        long peak = option(ProcessPoolExecutor.builder().jit(Jit.PEAK), "Tier4InvocationThreshold");
        assertThat(balanced).isGreaterThan(peak);
    }

    @Test
    void theUsersOwnArgumentsCount() throws Exception {
        var builder = ProcessPoolExecutor.builder().jit(Jit.QUICK).jvmArguments("-XX:TieredStopAtLevel=3");
        assertThat(option(builder, "TieredStopAtLevel")).isEqualTo(3);
    }
}
