package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.internal.engine.Loop;
import dev.offloop.spi.StepListener;
import dev.offloop.testkit.LoopTest;
import dev.offloop.testkit.TestLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class EventLoopTest {

    @Test
    void theSuiteRunsOnTheEngineThatTheBuildAskedFor() throws Exception {
        assertThat(EventLoop.engine().toString()).isEqualTo(System.getProperty("offloop.engine"));
        assertThat(run(() -> Loop.current().engineInUse())).isEqualTo(EventLoop.engine());
    }

    @Test
    void aLoopSaysItsEngineAndWhetherItIsClosed() throws Exception {
        EventLoop loop = run(EventLoop::current);
        assertThat(loop).hasToString("EventLoop[" + EventLoop.engine() + ", closed]");
    }

    @Test
    void currentOutsideIsAnError() {
        assertThatThrownBy(EventLoop::current).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void callbacksRunInOrderAfterTheCaller() throws Exception {
        List<Integer> events = new ArrayList<>();
        run(() -> {
            EventLoop loop = EventLoop.current();
            for (int i = 1; i <= 3; i++) {
                int number = i;
                loop.callSoon(() -> events.add(number));
            }
            events.add(0);
            yieldNow();
        });
        assertThat(events).containsExactly(0, 1, 2, 3);
    }

    @LoopTest
    void aCancelledCallbackDoesNotRun() throws Exception {
        EventLoop loop = EventLoop.current();
        List<String> events = new ArrayList<>();
        Handle soon = loop.callSoon(() -> events.add("soon"));
        Handle later = loop.callLater(Duration.ofMillis(1), () -> events.add("later"));
        Handle kept = loop.callSoon(() -> events.add("kept"));
        soon.cancel();
        later.cancel();
        sleep(Duration.ofMillis(10));
        assertThat(events).containsExactly("kept");
        assertThat(soon.cancelled()).isTrue();
        kept.cancel();
        assertThat(kept.cancelled()).as("it has run").isFalse();
    }

    @Test
    void timersFireInTheOrderOfTheirTimeThenOfTheirCall() throws Exception {
        List<String> events = new ArrayList<>();
        TestLoop.run(() -> {
            EventLoop loop = EventLoop.current();
            Duration now = loop.time();
            loop.callAt(now.plusMillis(20), () -> events.add("third"));
            loop.callAt(now.plusMillis(10), () -> events.add("first"));
            loop.callAt(now.plusMillis(10), () -> events.add("second"));
            sleep(Duration.ofMillis(30));
        });
        assertThat(events).containsExactly("first", "second", "third");
    }

    @LoopTest
    void aTimerIsNeverEarly() throws Exception {
        EventLoop loop = EventLoop.current();
        for (int i = 0; i < 20; i++) {
            Duration due = loop.time().plusMillis(i);
            Promise<Duration> fired = loop.createFuture();
            TimerHandle handle = loop.callAt(due, () -> fired.setResult(loop.time()));
            assertThat(handle.when()).isEqualTo(due);
            assertThat(await(fired)).isGreaterThanOrEqualTo(due);
        }
    }

    @LoopTest
    void sleepLetsAtLeastItsTimePass() throws Exception {
        Duration start = EventLoop.current().time();
        sleep(Duration.ofMillis(15));
        assertThat(EventLoop.current().time()).isGreaterThanOrEqualTo(start.plusMillis(15));
    }

    @LoopTest
    void aSleepOfAllTimeCanBeCancelled() throws Exception {
        Task<Void> forEver = createTask(() -> sleep(Duration.ofSeconds(Long.MAX_VALUE)));
        yieldNow();
        forEver.cancel();
        assertThatThrownBy(() -> await(forEver)).isInstanceOf(CancelledError.class);
    }

    @LoopTest
    void cancelledTimersDoNotPileUp() throws Exception {
        EventLoop loop = EventLoop.current();
        for (int i = 0; i < 1_000_000; i++) {
            loop.callLater(Duration.ofHours(1), () -> {}).cancel();
        }
        assertThat(((Loop) loop).timerCount()).isZero();
    }

    @LoopTest(realTime = true) // it may stand still for as long as the thread needs to start
    void callSoonThreadsafeWakesASleepingLoop() throws Exception {
        EventLoop loop = EventLoop.current();
        Promise<String> promise = loop.createFuture();
        Thread.ofPlatform().start(() -> loop.callSoonThreadsafe(() -> promise.setResult("woken")));
        assertThat(await(promise)).isEqualTo("woken");
    }

    @Test
    void manyCompletionsCostOneWakeUp() throws Exception {
        int count = 1000;
        run(() -> {
            EventLoop loop = EventLoop.current();
            Promise<Long> all = loop.createFuture();
            int[] arrived = {0};
            var finished = new CountDownLatch(1);
            Thread.ofPlatform().start(() -> {
                // The loop takes the first, and is kept from the others until all have arrived.
                loop.callSoonThreadsafe(() -> awaitQuietly(finished));
                for (int i = 0; i < count; i++) {
                    loop.callSoonThreadsafe(() -> {
                        if (++arrived[0] == count) {
                            all.setResult(((Loop) loop).wakeUps());
                        }
                    });
                }
                finished.countDown();
            });
            long before = ((Loop) loop).wakeUps();
            long after = await(all);
            assertThat(after - before).isLessThanOrEqualTo(1);
        });
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @LoopTest
    void anExceptionInACallbackGoesToTheHandlerAndTheLoopGoesOn() throws Exception {
        EventLoop loop = EventLoop.current();
        var thrown = new IllegalStateException("oops");
        Promise<ErrorContext> report = loop.createFuture();
        loop.setExceptionHandler((_, context) -> report.setResult(context));
        loop.callSoon(() -> {
            throw thrown;
        });
        ErrorContext context = await(report);
        assertThat(context.exception()).isSameAs(thrown);
        assertThat(context.message()).contains("callback");
    }

    @LoopTest
    void aPromiseIsCompletedOnce() throws Exception {
        Promise<Integer> promise = EventLoop.current().createFuture();
        promise.setResult(1);
        assertThatThrownBy(() -> promise.setResult(2)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> promise.setException(new Exception())).isInstanceOf(IllegalStateException.class);
        Promise<Integer> cancelled = EventLoop.current().createFuture();
        cancelled.cancel();
        assertThatThrownBy(() -> cancelled.setResult(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("cancelled");
    }

    @LoopTest
    void doneCallbacksRunOnTheLoopOnALaterTurn() throws Exception {
        List<String> events = new ArrayList<>();
        EventLoop loop = EventLoop.current();
        Promise<Integer> promise = loop.createFuture();
        promise.addDoneCallback(done ->
                events.add("before:" + (done == promise) + EventLoop.current().equals(loop)));
        promise.setResult(1);
        promise.addDoneCallback(_ -> events.add("after"));
        assertThat(events).isEmpty();
        yieldNow();
        assertThat(events).containsExactly("before:truetrue", "after");
    }

    @LoopTest
    void aLoopOnlyMethodNamesTheThreadAndTheRightCall() throws Exception {
        EventLoop loop = EventLoop.current();
        Promise<Integer> promise = loop.createFuture();
        Throwable problem = await(Async.toThread(() -> {
            try {
                promise.setResult(1);
                return new AssertionError("was taken");
            } catch (WrongThreadException e) {
                return e;
            }
        }));
        assertThat(problem).hasMessageContaining("offloop-pool").hasMessageContaining("callSoonThreadsafe");
    }

    @Test
    void aClosedLoopRefusesCallsFromOutside() throws Exception {
        EventLoop loop = run(EventLoop::current);
        assertThatThrownBy(() -> loop.callSoonThreadsafe(() -> {})).hasMessageContaining("closed");
        assertThatThrownBy(() -> loop.runCoroutineThreadsafe(() -> 1)).hasMessageContaining("closed");
    }

    @LoopTest
    void aStepListenerSeesEveryStepFromTheNextOn() {
        List<String> steps = new ArrayList<>();
        var listener = new StepListener() {
            @Override
            public void begins(Task<?> task) {
                steps.add("begins " + (task == null ? "callback" : task.name()));
            }

            @Override
            public void ends(Task<?> task) {
                steps.add("ends");
            }
        };
        EventLoop loop = EventLoop.current();
        loop.addStepListener(listener);
        loop.callSoon(() -> {});
        var _ = createTask("child", () -> {});
        yieldNow();
        loop.removeStepListener(listener);
        yieldNow();
        assertThat(steps)
                .startsWith("ends", "begins callback", "ends", "begins child", "ends")
                .hasSize(6); // and that in which this test has removed it
    }

    @Test
    void whatAStepListenerThrowsIsReportedAndTheStepIsNotLost() throws Exception {
        List<String> reports = new ArrayList<>();
        try (var runner = Runner.builder()
                .exceptionHandler((_, context) -> reports.add(context.message()))
                .build()) {
            runner.run(() -> {
                EventLoop.current().addStepListener(new StepListener() {
                    @Override
                    public void begins(Task<?> task) {
                        throw new IllegalStateException("begins");
                    }

                    @Override
                    public void ends(Task<?> task) {}
                });
                yieldNow();
            });
        }
        assertThat(reports).isNotEmpty().allMatch(report -> report.contains("listener to the steps"));
    }
}
