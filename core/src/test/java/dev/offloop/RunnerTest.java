package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** How a loop can be configured. */
class RunnerTest {

    private final List<ErrorContext> reports = new ArrayList<>();

    private Runner.Builder reporting() {
        return Runner.builder().exceptionHandler((_, context) -> reports.add(context));
    }

    @Test
    void theExceptionHandlerIsThereFromTheBeginning() throws Exception {
        try (var runner = reporting().build()) {
            runner.run(() -> {
                EventLoop.current().callSoon(() -> {
                    throw new IllegalStateException("boom");
                });
                yieldNow();
            });
        }
        assertThat(reports).singleElement().satisfies(report -> {
            assertThat(report.exception()).hasMessage("boom");
            assertThat(report.createdAt()).isEmpty();
        });
    }

    @Test
    void theLoopsThreadHasTheNameGiven() throws Exception {
        try (var runner = Runner.builder().threadName("my-loop").build()) {
            String name = runner.run(() -> await(EventLoop.current()
                    .callOnOwnThread(() -> Thread.currentThread().getName())));
            assertThat(name).isEqualTo("my-loop");
        }
    }

    @Test
    void theThreadOfATaskIsNamedAfterTheTask() throws Exception {
        Async.run(() -> {
            Task<String> named =
                    createTask("fetch-prices", () -> Thread.currentThread().getName());
            assertThat(await(named)).isEqualTo("fetch-prices");
            Task<String> unnamed = createTask(() -> Thread.currentThread().getName());
            assertThat(await(unnamed)).isEqualTo(unnamed.name());
            assertThat(Thread.currentThread().getName())
                    .isEqualTo(Task.current().name());
        });
    }

    @Test
    void theDefaultExecutorIsTheOneGivenAndEndsWithTheLoop() throws Exception {
        ExecutorService mine = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
        try (var runner = Runner.builder().defaultExecutor(mine).build()) {
            assertThat(runner.run(
                            () -> await(toThread(() -> Thread.currentThread().getName()))))
                    .isEqualTo("mine");
        }
        assertThat(mine.isTerminated()).isTrue();
    }

    @Test
    void callOnOwnThreadRaisesWhatTheFunctionThrows() throws Exception {
        Async.run(() -> {
            Future<Integer> failing = EventLoop.current().callOnOwnThread(() -> Integer.parseInt("x"));
            assertThatThrownBy(() -> await(failing)).isInstanceOf(NumberFormatException.class);
            assertThat(await(EventLoop.current().callOnOwnThread(() -> Task.current() == null)))
                    .isTrue();
        });
    }

    // ---- debug mode

    @Test
    void inDebugModeAnUnretrievedExceptionSaysWhereItsTaskWasCreated() throws Exception {
        try (var runner = reporting().debug(true).build()) {
            runner.run(() -> {
                assertThat(EventLoop.current().debug()).isTrue();
                createTaskThatFails();
                yieldNow();
                yieldNow();
            });
        }
        assertThat(reports).singleElement().satisfies(report -> {
            assertThat(report.message()).contains("never retrieved");
            assertThat(report.createdAt().getFirst().getMethodName()).isEqualTo("createTaskThatFails");
        });
    }

    private static void createTaskThatFails() {
        createTask(() -> {
            throw new IllegalStateException("this is not awaited");
        });
    }

    @Test
    void inDebugModeATaskThatDoesNotEndSaysWhereItWasCreated() throws Exception {
        var never = new CountDownLatch(1);
        try (var runner =
                reporting().debug(true).closeTimeout(Duration.ofMillis(50)).build()) {
            runner.run(() -> createStubbornTask());
        }
        assertThat(reports).singleElement().satisfies(report -> {
            assertThat(report.message())
                    .contains("still pending", "task stubborn awaits at")
                    .containsPattern("RunnerTest.*stubbornly.*RunnerTest.java:\\d+");
            assertThat(report.task().name()).isEqualTo("stubborn");
            assertThat(report.createdAt().getFirst().getMethodName()).isEqualTo("createStubbornTask");
        });
        never.countDown();
    }

    private static void createStubbornTask() {
        createTask("stubborn", () -> stubbornly());
        yieldNow();
    }

    private static void stubbornly() {
        while (true) {
            try {
                sleep(Duration.ofHours(1));
            } catch (CancelledError ignored) {
                // on purpose
            }
        }
    }

    // ---- eager tasks

    @Test
    void anEagerTaskRunsToItsFirstAwaitAtOnce() throws Exception {
        List<String> events = new ArrayList<>();
        try (var runner = Runner.builder().eagerTasks(true).build()) {
            runner.run(() -> {
                Task<?> main = Task.current();
                Task<Void> task = createTask("eager", () -> {
                    events.add(Task.current().name());
                    yieldNow();
                    events.add("after its await");
                });
                events.add("created");
                assertThat(Task.current() == main).isTrue();
                assertThat(task.done()).isFalse();
                await(task);
            });
        }
        assertThat(events).containsExactly("eager", "created", "after its await");
    }

    @Test
    void anEagerTaskThatNeverAwaitsIsDoneWhenItIsThere() throws Exception {
        try (var runner = Runner.builder().eagerTasks(true).build()) {
            runner.run(() -> {
                Task<Integer> one = createTask(() -> 1);
                assertThat(one.done()).isTrue();
                assertThat(one.result()).isEqualTo(1);
                assertThat(EventLoop.current().allTasks()).containsExactly(Task.current());
                Task<Object> failing = createTask(() -> {
                    throw new IllegalStateException("x");
                });
                assertThatThrownBy(() -> await(failing)).isInstanceOf(IllegalStateException.class);
            });
        }
    }

    @Test
    void eagerTasksNestAndStartFromCallbacksToo() throws Exception {
        List<String> events = new ArrayList<>();
        try (var runner = Runner.builder().eagerTasks(true).build()) {
            runner.run(() -> {
                EventLoop.current().callSoon(() -> {
                    createTask(() -> {
                        events.add("outer");
                        createTask(() -> events.add("inner"));
                        events.add("outer goes on");
                    });
                    events.add("callback goes on");
                });
                yieldNow();
            });
        }
        assertThat(events).containsExactly("outer", "inner", "outer goes on", "callback goes on");
    }

    @Test
    void startingAnEagerTaskIsNoAwait() throws Exception {
        List<String> events = new ArrayList<>();
        try (var runner = Runner.builder().eagerTasks(true).build()) {
            runner.run(() -> {
                EventLoop.current().callSoon(() -> events.add("another turn"));
                Task<?> self = Task.current();
                createTask(() -> self.cancel("by the child"));
                events.add("not cancelled here");
                assertThatThrownBy(Async::yieldNow).isInstanceOf(CancelledError.class);
            });
        }
        assertThat(events).containsExactly("not cancelled here", "another turn");
    }

    @Test
    void anEagerChildIsInItsGroupFromItsFirstStep() throws Exception {
        try (var runner =
                Runner.builder().eagerTasks(true).clock(new VirtualClock()).build()) {
            runner.run(() -> {
                Duration start = EventLoop.current().time();
                Async.taskGroup(group -> {
                    group.createTask(() -> {
                        group.cancel();
                        sleep(Duration.ofDays(1));
                    });
                });
                assertThat(EventLoop.current().time()).isEqualTo(start);
            });
        }
    }

    @Test
    void anEagerTaskCreatedInAClassInitializerBeginsLater() throws Exception {
        try (var runner = Runner.builder().eagerTasks(true).build()) {
            assertThat(runner.run(() -> await(Initialized.TASK))).isEqualTo("begun");
        }
    }

    private static final class Initialized {
        static final Task<String> TASK = createTask(() -> "begun");
    }

    @Test
    void closingWhileAnotherThreadRunsIsNoRace() throws Exception {
        for (int i = 0; i < 300; i++) {
            var runner = Runner.create();
            Thread other = Thread.ofPlatform().start(() -> {
                try {
                    runner.run(() -> sleep(Duration.ofMillis(1)));
                } catch (Exception | CancelledError closed) {
                    // either way
                }
            });
            runner.close();
            other.join();
        }
    }

    @Test
    void aTaskGroupOfEagerTasksEndsAsUsual() throws Exception {
        try (var runner = Runner.builder().eagerTasks(true).build()) {
            runner.run(() -> {
                assertThat(Async.<Integer>taskGroup(group -> {
                            Task<Integer> a = group.createTask(() -> 1);
                            Task<Integer> b = group.createTask(() -> {
                                yieldNow();
                                return 2;
                            });
                            return a.result() + await(b);
                        }))
                        .isEqualTo(3);
                assertThatThrownBy(() -> Async.taskGroup(group -> {
                            group.createTask(() -> {
                                throw new IllegalStateException("at once");
                            });
                            sleep(Duration.ofHours(1));
                        }))
                        .hasMessage("at once");
            });
        }
    }

    @Test
    void aLoopThatStandsStillIsReportedOnceWithWhoWaits() throws Exception {
        List<String> reports = new CopyOnWriteArrayList<>();
        var reported = new CountDownLatch(1);
        try (var runner = Runner.builder()
                .reportStandstill(Duration.ofMillis(50))
                .exceptionHandler((_, context) -> {
                    reports.add(context.message());
                    reported.countDown();
                })
                .build()) {
            runner.run(() -> {
                EventLoop loop = EventLoop.current();
                Promise<Void> end = loop.createFuture();
                Thread.ofPlatform().start(() -> {
                    try {
                        reported.await();
                        Thread.sleep(120); // twice the time: no second report
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    loop.callSoonThreadsafe(() -> end.setResult(null));
                });
                await(createTask("waiting", () -> await(end)));
            });
        }
        assertThat(reports)
                .singleElement()
                .asString()
                .contains("stands still: nothing has run for 50 ms")
                .contains("for task waiting")
                .contains("task waiting awaits at ");
    }

    @Test
    void aFunctionThatIsInterruptedByTheEndIsNoLostFailure() throws Exception {
        List<ErrorContext> reports = new CopyOnWriteArrayList<>();
        try (var runner = Runner.builder()
                .closeTimeout(Duration.ofMillis(50))
                .exceptionHandler((_, context) -> reports.add(context))
                .build()) {
            runner.run(() -> {
                var begun = new CountDownLatch(1);
                var _ = toThread(() -> {
                    begun.countDown();
                    Thread.sleep(Duration.ofHours(1));
                });
                begun.await();
            });
        }
        assertThat(reports).isEmpty();
    }
}
