package dev.offloop.monitor;

import static dev.offloop.Async.await;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Runner;
import dev.offloop.monitor.Finding.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Advice on planted examples. Each has a class of its own, by which it finds its site. */
class OffloadAdvisorTest {

    /** A machine that interrupts short functions needs more of them as evidence. */
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private static List<Finding> findingsIn(Class<?> example) {
        return OffloadAdvisor.findings().stream()
                .filter(finding -> finding.site().contains(example.getSimpleName()))
                .toList();
    }

    private static void assertOnly(Kind kind, Class<?> example) {
        assertThat(findingsIn(example))
                .as(OffloadAdvisor.report())
                .extracting(Finding::kind)
                .containsOnly(kind);
    }

    private static void compute(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    static final class Trivial {
        static void run() throws Exception {
            long end = System.nanoTime() + LONGEST.toNanos();
            for (int i = 1; System.nanoTime() < end; i++) {
                int _ = await(toThread(() -> 1));
                if (i % 5_000 == 0 && !findingsIn(Trivial.class).isEmpty()) {
                    return;
                }
            }
        }
    }

    @Test
    void functionShorterThanItsWayShouldBeCalledDirectly() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(Trivial::run);
        }
        assertOnly(Kind.TRIVIAL, Trivial.class);
        assertThat(OffloadAdvisor.report()).contains("TRIVIAL", "Trivial.run(OffloadAdvisorTest.java:", "H = ");
    }

    static final class TrivialWithAnArgument {
        static int next(int number) {
            return number + 1;
        }

        static void run() throws Exception {
            long end = System.nanoTime() + LONGEST.toNanos();
            for (int i = 1; System.nanoTime() < end; i++) {
                int _ = await(toThread(TrivialWithAnArgument::next, 1));
                if (i % 5_000 == 0 && !findingsIn(TrivialWithAnArgument.class).isEmpty()) {
                    return;
                }
            }
        }
    }

    @Test
    void functionWithAnArgumentIsNamedByItsOwnClass() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(TrivialWithAnArgument::run);
        }
        assertOnly(Kind.TRIVIAL, TrivialWithAnArgument.class);
    }

    static final class Starved {
        static void run() throws Exception {
            try (var pool = Executors.newFixedThreadPool(2)) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 60; i++) {
                    all.add(EventLoop.current().runInExecutor((Executor) pool, () -> Thread.sleep(20)));
                }
                await(gather(all));
            }
        }
    }

    @Test
    void callsThatWaitForAThreadNeedMoreThreads() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(() -> {
                Starved.run();
                System.gc(); // so that the executor has gone before the advisor asks
            });
        }
        assertOnly(Kind.STARVED, Starved.class);
        assertThat(findingsIn(Starved.class).getFirst().advice()).contains("instead of 2");
    }

    static final class Computes {
        static void run() throws Exception {
            int threads = 4 * Runtime.getRuntime().availableProcessors();
            try (var pool = Executors.newFixedThreadPool(threads)) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 8 * threads; i++) {
                    all.add(EventLoop.current().runInExecutor((Executor) pool, () -> compute(100)));
                }
                await(gather(all));
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX) // elsewhere the use of the processor is not known
    void computationOnMoreThreadsThanProcessorsNeedsFewer() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(Computes::run);
        }
        assertOnly(Kind.CPU_BOUND, Computes.class);
    }

    static final class NeverOffloaded {
        static void run() throws Exception {
            for (int i = 0; i < 3; i++) {
                Thread.sleep(200);
                yieldNow();
            }
            sleep(Duration.ofMillis(100));
        }
    }

    @Test
    void callThatBlocksTheLoopShouldBeOffloaded() throws Exception {
        try (var runner = Runner.builder().onSlowStep(_ -> {}).build()) {
            runner.run(NeverOffloaded::run);
        }
        assertOnly(Kind.NEVER_OFFLOADED, NeverOffloaded.class);
        assertThat(findingsIn(NeverOffloaded.class).getFirst().calls()).isBetween(1L, 3L);
    }

    static final class Healthy {
        static void run() throws Exception {
            long end = System.nanoTime() + 1_500_000_000;
            while (System.nanoTime() < end) {
                await(gather(
                        toThread(() -> Thread.sleep(3)), toThread(() -> Thread.sleep(5)), toThread(() -> compute(1))));
                sleep(Duration.ofMillis(2));
            }
        }
    }

    @Test
    void healthyProgramGetsNoAdvice() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(Healthy::run);
        }
        assertThat(findingsIn(Healthy.class)).isEmpty();
    }

    @Test
    void fewCallsAreNoEvidence() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(() -> {
                for (int i = 0; i < 100; i++) {
                    int _ = await(toThread(() -> FewCalls.VALUE));
                }
            });
        }
        assertThat(findingsIn(FewCalls.class)).isEmpty();
    }

    static final class FewCalls {
        static final Integer VALUE = 1;
    }
}
