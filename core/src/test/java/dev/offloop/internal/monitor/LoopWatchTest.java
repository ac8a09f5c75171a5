package dev.offloop.internal.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.monitor.LoopStatistics;
import dev.offloop.monitor.SlowStep;
import dev.offloop.monitor.SlowStep.Cause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A loop that is made up, looked at in time that is made up. */
class LoopWatchTest {

    private static final long LOOK = Duration.ofMillis(10).toNanos();
    private static final Duration THRESHOLD = Duration.ofMillis(100);

    private final List<SlowStep> reports = new ArrayList<>();
    private final List<Duration> dumps = new ArrayList<>();
    private final FakeLoop loop = new FakeLoop();
    private final Pauses pauses = new Pauses();
    private long now;
    private LoopWatch watch = watch(reports::add);

    private LoopWatch watch(Consumer<SlowStep> listener) {
        return new LoopWatch(loop, THRESHOLD, reporter(listener), pauses);
    }

    private SlowStepReporter reporter(Consumer<SlowStep> listener) {
        return new SlowStepReporter(listener) {
            @Override
            long now() {
                return now;
            }

            @Override
            void dump(Watched loop, Duration age) {
                dumps.add(age);
                super.dump(loop, age);
            }
        };
    }

    private static final class FakeLoop implements Watched {
        long step;
        long turn;
        Thread.State state = Thread.State.TIMED_WAITING;
        StackTraceElement frame = new StackTraceElement("shop.Shop", "load", "Shop.java", 42);

        @Nullable
        CpuUse use;

        /** What the thread runs and waits in the time between two looks. */
        CpuUse perLook = new CpuUse(0, 0);

        @Override
        public String name() {
            return "loop";
        }

        @Override
        public long step() {
            return step;
        }

        @Override
        public long turn() {
            return turn;
        }

        @Override
        public String task() {
            return "fetch";
        }

        @Override
        public Sample sample() {
            return new Sample(Thread.currentThread(), state, List.of(frame));
        }

        @Override
        public @Nullable CpuUse cpuUse() {
            CpuUse before = use;
            use = before == null
                    ? perLook
                    : new CpuUse(before.runNanos() + perLook.runNanos(), before.delayNanos() + perLook.delayNanos());
            return use;
        }

        @Override
        public void probe() {
            // there is no host
        }

        @Override
        public void measureLag() {}

        @Override
        public void countSlowStep() {}

        @Override
        public AwaitTree awaitTree() {
            return new AwaitTree(List.of(), 0);
        }

        @Override
        public LoopStatistics statistics() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int taskCount() {
            return 1;
        }

        @Override
        public String dumpTasks() {
            return "";
        }
    }

    private void pass(int millis) {
        for (int left = millis; left > 0; left -= 10) {
            now += LOOK;
            var _ = watch.look(LOOK);
        }
    }

    private void begin() {
        loop.turn++;
        loop.step++;
        var _ = watch.look(0);
    }

    private void end() {
        loop.step++;
        loop.turn++;
        var _ = watch.look(0);
    }

    private void step(int millis) {
        begin();
        pass(millis);
        end();
    }

    @Test
    void stepShorterThanTheThresholdIsNotReported() {
        step(90);
        step(90);
        assertThat(reports).isEmpty();
    }

    @Test
    void slowStepIsReportedWhenItEndsWithItsWholeDuration() {
        begin();
        pass(300);
        assertThat(reports).isEmpty();
        end();
        assertThat(reports).singleElement().satisfies(report -> {
            assertThat(report.duration()).isEqualTo(Duration.ofMillis(300));
            assertThat(report.task()).isEqualTo("fetch");
            assertThat(report.cause()).isEqualTo(Cause.WAIT);
            assertThat(report.message())
                    .startsWith("Event loop loop was blocked for 300 ms by task fetch at"
                            + " shop.Shop.load(Shop.java:42) (wait). ");
        });
    }

    @Test
    void stepThatDoesNotEndIsReportedOnceAfterASecond() {
        begin();
        pass(990);
        assertThat(reports).isEmpty();
        pass(5_000);
        assertThat(reports)
                .singleElement()
                .satisfies(report -> assertThat(report.duration()).isEqualTo(Duration.ofSeconds(1)));
        end();
        assertThat(reports).hasSize(1);
    }

    @Test
    void allTasksAndThreadsAreDumpedOnceAfterTenSeconds() {
        begin();
        pass(9_990);
        assertThat(dumps).isEmpty();
        pass(20_000);
        assertThat(dumps).containsExactly(Duration.ofSeconds(10));
    }

    @Test
    void loopThatEndsInASlowStepIsReported() {
        begin();
        pass(200);
        assertThat(watch.pending()).isTrue();
        watch.close();
        assertThat(reports).hasSize(1);
    }

    @Test
    void turnOfShortStepsIsReportedWithThePlacesThatUsedTheTime() {
        loop.turn++;
        for (int i = 0; i < 10; i++) {
            loop.step++;
            loop.frame =
                    new StackTraceElement("shop.Shop", i % 5 == 0 ? "save" : "load", "Shop.java", i % 5 == 0 ? 7 : 42);
            var _ = watch.look(0);
            pass(30);
            loop.step++;
        }
        loop.turn++;
        var _ = watch.look(0);
        assertThat(reports).singleElement().satisfies(report -> {
            assertThat(report.task()).isNull();
            assertThat(report.duration()).isEqualTo(Duration.ofMillis(300));
            assertThat(report.advice()).contains("10 steps", "Shop.load(Shop.java:42) 8", "Shop.save(Shop.java:7) 1");
        });
    }

    @Test
    void turnOfManyTinyStepsIsNotReported() {
        loop.turn++;
        for (int i = 0; i < 30; i++) {
            loop.step += 201;
            pass(10);
            loop.step++;
        }
        loop.turn++;
        var _ = watch.look(0);
        assertThat(reports).isEmpty();
    }

    @Test
    void timeInWhichTheThreadGotNoProcessorIsNotBlamedOnTheTask() {
        loop.state = Thread.State.RUNNABLE;
        loop.perLook = new CpuUse(LOOK / 5, LOOK * 4 / 5);
        step(200);
        assertThat(reports).isEmpty();
        assertThat(pauses.count()).isEqualTo(1);
        step(1_000);
        assertThat(reports).as("a fifth of a second on a processor").hasSize(1);
    }

    @Test
    void threadThatADebuggerHasSuspendedIsNotBlamed() {
        loop.state = Thread.State.RUNNABLE;
        step(60_000);
        assertThat(reports).isEmpty();
        assertThat(pauses.nanos()).isGreaterThan(Duration.ofSeconds(59).toNanos());
    }

    @Test
    void threadThatComputesIsReported() {
        loop.state = Thread.State.RUNNABLE;
        loop.perLook = new CpuUse(LOOK, 0);
        step(200);
        assertThat(reports)
                .singleElement()
                .satisfies(report -> assertThat(report.cause()).isEqualTo(Cause.CPU));
    }

    @Test
    void placeIsReportedOnceAndThenOnceInAMinuteWithItsNumber() {
        step(200);
        for (int i = 0; i < 9; i++) {
            step(150 + i * 10);
        }
        assertThat(reports).hasSize(1);
        pass(60_000);
        assertThat(reports).hasSize(2);
        assertThat(reports.getLast().duration()).as("the longest").isEqualTo(Duration.ofMillis(230));
        assertThat(reports.getLast().advice()).contains("9 more at this place");
        pass(60_000);
        assertThat(reports).hasSize(2);
    }

    @Test
    void otherPlaceIsReportedAtOnce() {
        step(200);
        loop.frame = new StackTraceElement("shop.Shop", "save", "Shop.java", 7);
        step(200);
        assertThat(reports).hasSize(2);
    }

    @Test
    void whatCameAgainIsReportedWhenTheLoopEnds() {
        step(200);
        step(300);
        assertThat(watch.pending()).isTrue();
        watch.close();
        assertThat(reports).hasSize(2);
    }

    @Test
    void listenerThatThrowsDoesNotEndTheWatch() {
        watch = watch(report -> {
            reports.add(report);
            throw new IllegalStateException("A listener that throws, on purpose");
        });
        step(200);
        loop.frame = new StackTraceElement("shop.Shop", "save", "Shop.java", 7);
        step(200);
        assertThat(reports).hasSize(2);
    }

    @Test
    void hourOfAnIdleLoopReportsNothing() {
        pass(3_600_000);
        assertThat(reports).isEmpty();
        assertThat(watch.look(LOOK)).isEqualTo(LoopWatch.Activity.IDLE);
    }

    @Test
    void stepInWhichOthersRanBeginsAnew() {
        begin();
        for (int i = 0; i < 10; i++) {
            pass(90);
            loop.step += 2; // a turn of the host inside of the step
        }
        end();
        assertThat(reports).filteredOn(report -> report.task() != null).isEmpty();
    }

    @Test
    void loopThatWasDroppedIsForgotten() throws Exception {
        watch = new LoopWatch(new FakeLoop(), THRESHOLD, reporter(reports::add), pauses);
        for (int i = 0; i < 1_000 && watch.look(LOOK) != LoopWatch.Activity.COLLECTED; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(watch.look(LOOK)).isEqualTo(LoopWatch.Activity.COLLECTED);
    }
}
