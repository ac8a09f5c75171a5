package dev.offloop.testkit;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.offloop.CancelledError;
import dev.offloop.Engine;
import dev.offloop.EventLoop;
import dev.offloop.Promise;
import dev.offloop.sync.Lock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("sets a system property")
class LoopTestTest {

    // ---- what is run, and how often

    static final class Day {
        @LoopTest
        void passes() {
            sleep(Duration.ofDays(1));
            assertThat(EventLoop.current().time()).isEqualTo(Duration.ofDays(1));
        }
    }

    @Test
    void aDayIsOverAtOnce() {
        assertThat(JUnit.run(Day.class).failures()).isEmpty();
    }

    static final class Names {
        @LoopTest
        void parameters(TestInfo info) {
            assertThat(info.getDisplayName()).isEqualTo("parameters(TestInfo)");
        }
    }

    @Test
    void otherParametersAreResolvedAsUsual() {
        assertThat(JUnit.run(Names.class).failures()).isEmpty();
    }

    static final class Engines {
        static final List<Engine> USED = new CopyOnWriteArrayList<>();

        @LoopTest(engines = {Engine.PORTABLE, Engine.PORTABLE})
        void used() {
            USED.add(EventLoop.engine());
        }
    }

    @Test
    void runsOnceForEachEngineAskedFor() {
        JUnit.Results results = JUnit.run(Engines.class);
        assertThat(results.failures()).isEmpty();
        assertThat(results.names()).containsExactly("used(), portable", "used(), portable");
        assertThat(Engines.USED).containsExactly(Engine.PORTABLE, Engine.PORTABLE);
    }

    static final class Unsuitable {
        @LoopTest(realTime = true)
        void lives() {
            sleep(Duration.ofMillis(5));
            assertThat(EventLoop.current().time()).isNotEqualTo(Duration.ofMillis(5));
        }
    }

    @Test
    void livesInRealTimeWhereThatIsAskedFor() {
        assertThat(JUnit.run(Unsuitable.class).failures()).isEmpty();
    }

    // ---- what makes a test fail

    static final class Failing {
        static final IllegalStateException MINE = new IllegalStateException("mine");

        @LoopTest
        void fails() {
            throw MINE;
        }
    }

    @Test
    void whatTheTestThrowsIsItsFailure() {
        assertThat(JUnit.run(Failing.class).failure()).isSameAs(Failing.MINE);
    }

    static final class Leftover {
        @LoopTest
        void leaves() {
            var _ = createTask("forgotten", () -> sleep(Duration.ofDays(1)));
        }
    }

    @Test
    void aTaskLeftBehindFailsItAndIsNamedWithItsPlace() {
        assertThat(JUnit.run(Leftover.class).failure())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("1 task behind")
                .hasMessageContaining("task forgotten awaits at ")
                .hasMessageContaining("LoopTestTest.java:");
    }

    static final class Ending {
        @LoopTest
        void leaves() {
            createTask(() -> {
                        try {
                            sleep(Duration.ofDays(1));
                        } catch (CancelledError e) {
                            yieldNow();
                        }
                    })
                    .cancel();
        }
    }

    @Test
    void aTaskThatIsAboutToEndMayDoSo() {
        assertThat(JUnit.run(Ending.class).failures()).isEmpty();
    }

    static final class Unretrieved {
        @LoopTest
        void loses() {
            var _ = createTask(() -> {
                throw new IllegalStateException("lost");
            });
            yieldNow();
            yieldNow();
        }
    }

    @Test
    void failureThatWasNotRetrievedFailsIt() {
        assertThat(JUnit.run(Unretrieved.class).failure())
                .hasMessageContaining("never retrieved")
                .cause()
                .hasMessage("lost");
    }

    static final class ThrowingCallback {
        @LoopTest
        void calls() {
            EventLoop.current().callSoon(() -> {
                throw new IllegalStateException("mine");
            });
            sleep(Duration.ofDays(1_000));
        }
    }

    @Test
    void whatACallbackThrowsFailsIt() {
        assertThat(JUnit.run(ThrowingCallback.class).failure())
                .hasMessageContaining("callback")
                .cause()
                .hasMessage("mine");
    }

    static final class Standstill {
        @LoopTest
        void waits() throws Exception {
            Promise<Void> never = EventLoop.current().createFuture();
            var lock = new Lock();
            lock.acquire();
            await(createTask("waiting", () -> lock.with(() -> await(never))));
        }
    }

    @Test
    void aLoopThatNothingCanWakeFailsItWithWhoWaitsForWhom() {
        // Main holds the lock and waits for the task: that is a circle. So the lock's own error comes first.
        assertThat(JUnit.run(Standstill.class).failure()).hasMessageContaining("Deadlock");
    }

    static final class StandstillOfPromises {
        @LoopTest
        void waits() throws Exception {
            Promise<Void> first = EventLoop.current().createFuture();
            Promise<Void> second = EventLoop.current().createFuture();
            await(gather(
                    createTask("one", () -> {
                        await(first);
                        second.setResult(null);
                    }),
                    createTask("two", () -> {
                        await(second);
                        first.setResult(null);
                    })));
        }
    }

    @Test
    void tasksThatWaitForEachOtherByFuturesFailItToo() {
        assertThat(JUnit.run(StandstillOfPromises.class).failure())
                .hasMessageContaining("stands still")
                .hasMessageContaining("task one awaits at ")
                .hasMessageContaining("task two awaits at ");
    }

    static final class Late {
        @LoopTest(timeout = 1, realTime = true)
        void takesLong() {
            sleep(Duration.ofDays(1));
        }
    }

    @Test
    void timeoutNamesThePlaceWhereTheTestWaits() {
        assertThat(JUnit.run(Late.class).failure())
                .hasMessageContaining("not ended within 1 s")
                .hasMessageContaining("awaits at ")
                .hasMessageContaining("takesLong");
    }

    static final class Blocking {
        @LoopTest(timeout = 1)
        void blocks() throws Exception {
            new CountDownLatch(1).await(); // a plain park may return for no reason
        }
    }

    @Test
    void timeoutNamesTheCallThatBlocksTheLoop() {
        assertThat(JUnit.run(Blocking.class).failure())
                .hasMessageContaining("a call blocks the loop")
                .hasMessageContaining("Blocking.blocks(LoopTestTest.java:");
    }

    static final class Endless {
        static volatile boolean over;

        @LoopTest(timeout = 1)
        void spins() {
            while (!over) {
                Thread.onSpinWait(); // no interrupt ends it
            }
        }
    }

    @Test
    void theTestFailsSoonAfterItsTimeoutAlsoIfTheCallNeverEnds() {
        try {
            long begun = System.nanoTime();
            Throwable failure = JUnit.run(Endless.class).failure();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
            assertThat(failure).hasMessageContaining("a call blocks the loop");
            assertThat(failure.getSuppressed()).isEmpty();
        } finally {
            Endless.over = true;
        }
    }

    @Test
    void blockedLoopThatIsInterruptedFailsInTime() {
        assertThat(JUnit.run(Blocking.class).failure().getSuppressed()).isEmpty();
    }

    // ---- seeds

    /** Two visitors look, wait and take: in the usual order the second looks after the first has taken. */
    static final class Planted {
        @LoopTest(seeds = 100)
        void theLastTicketIsSoldOnce() throws Exception {
            int[] tickets = {1};
            List<String> sold = new ArrayList<>();
            await(gather(createTask(() -> buy(tickets, sold, "a", 0)), createTask(() -> buy(tickets, sold, "b", 2))));
            assertThat(sold).hasSize(1);
        }

        private static void buy(int[] tickets, List<String> sold, String who, int way) {
            for (int i = 0; i < way; i++) {
                yieldNow();
            }
            if (tickets[0] > 0) {
                yieldNow(); // asks the bank
                tickets[0]--;
                sold.add(who);
            }
        }
    }

    static final class PlantedInUsualOrder {
        @LoopTest
        void theLastTicketIsSoldOnce() throws Exception {
            new Planted().theLastTicketIsSoldOnce();
        }
    }

    @Test
    void theUsualOrderHidesAPlantedBug() {
        assertThat(JUnit.run(PlantedInUsualOrder.class).failures()).isEmpty();
    }

    @Test
    void seedsFindAPlantedBugAndNameTheOneThatRepeatsIt() {
        JUnit.Results all = JUnit.run(Planted.class);
        int seed = all.names().size(); // the first failing one is the last
        assertThat(all.failures()).hasSize(1);
        assertThat(all.names()).last().isEqualTo("theLastTicketIsSoldOnce(), seed " + seed);
        assertThat(all.failure().getSuppressed())
                .anySatisfy(hint -> assertThat(hint).hasMessageContaining("-Doffloop.seed=" + seed + " repeats it"));

        System.setProperty("offloop.seed", String.valueOf(seed));
        try {
            JUnit.Results one = JUnit.run(Planted.class);
            assertThat(one.names()).containsExactly("theLastTicketIsSoldOnce(), seed " + seed);
            assertThat(one.failures()).hasSize(1);
        } finally {
            System.clearProperty("offloop.seed");
        }
    }

    static final class FailingAfter {
        @LoopTest(seeds = 3)
        void passes() {}

        @AfterEach
        void fails() {
            throw new IllegalStateException("after");
        }
    }

    @Test
    void aFailureAfterTheTestNamesTheSeedToo() {
        JUnit.Results results = JUnit.run(FailingAfter.class);
        assertThat(results.names()).hasSize(1);
        assertThat(results.failure()).hasMessage("after");
        assertThat(results.failure().getSuppressed())
                .singleElement()
                .satisfies(hint -> assertThat(hint).hasMessageContaining("-Doffloop.seed=1 repeats it"));
    }

    @Test
    void aSeedThatIsNoNumberIsRefused() {
        System.setProperty("offloop.seed", "seventeen");
        try {
            assertThat(JUnit.run(Planted.class).failure()).hasMessageContaining("'seventeen', and should be a number");
        } finally {
            System.clearProperty("offloop.seed");
        }
    }

    static final class Order {
        static final List<List<Integer>> SEEN = new CopyOnWriteArrayList<>();

        @LoopTest(seeds = 30)
        void ofCallbacksAndTimersStays() {
            List<Integer> callbacks = new ArrayList<>();
            List<Integer> tasks = new ArrayList<>();
            EventLoop loop = EventLoop.current();
            for (int i = 0; i < 5; i++) {
                int number = i;
                loop.callSoon(() -> callbacks.add(number));
                loop.callLater(Duration.ofSeconds(1), () -> callbacks.add(10 + number));
                var _ = createTask(() -> tasks.add(number));
            }
            sleep(Duration.ofSeconds(2));
            assertThat(callbacks).containsExactly(0, 1, 2, 3, 4, 10, 11, 12, 13, 14);
            SEEN.add(tasks);
        }
    }

    @Test
    void seedsChangeTheOrderOfTasksButNotThatOfCallbacksAndTimers() {
        assertThat(JUnit.run(Order.class).failures()).isEmpty();
        assertThat(Order.SEEN).hasSize(30).anySatisfy(order -> assertThat(order).isNotEqualTo(List.of(0, 1, 2, 3, 4)));
        List<List<Integer>> before = List.copyOf(Order.SEEN);
        Order.SEEN.clear();
        JUnit.run(Order.class);
        assertThat(Order.SEEN).isEqualTo(before);
    }

    static final class Offloading {
        @LoopTest
        void waits() throws Exception {
            await(toThread(() -> Thread.sleep(20)));
            assertThat(EventLoop.current().time()).isZero();
        }
    }

    @Test
    void offloadedWorkIsWaitedForBeforeTheClockJumps() {
        assertThat(JUnit.run(Offloading.class).failures()).isEmpty();
    }

    static final class Skipped {
        @LoopTest(seeds = 3)
        void skipsTheFirst(TestInfo info) {
            assumeFalse(info.getDisplayName().endsWith("seed 1"));
        }
    }

    @Test
    void anAssumptionSkipsOneSeedOnly() {
        assertThat(JUnit.run(Skipped.class).names()).hasSize(3);
    }
}
