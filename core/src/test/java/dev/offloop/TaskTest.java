package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.testkit.LoopTest;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TaskTest {

    @Test
    void startsOnALaterTurnInTheOrderOfTheCalls() throws Exception {
        List<String> events = new ArrayList<>();
        run(() -> {
            createTask(() -> events.add("first"));
            createTask(() -> events.add("second"));
            events.add("main");
            yieldNow();
        });
        assertThat(events).containsExactly("main", "first", "second");
    }

    @Test
    void tasksTakeTurnsAtYieldNow() throws Exception {
        List<String> events = new ArrayList<>();
        run(() -> {
            Coroutine.Action[] bodies = new Coroutine.Action[2];
            for (int i = 0; i < 2; i++) {
                String name = "ab".substring(i, i + 1);
                bodies[i] = () -> {
                    for (int step = 1; step <= 3; step++) {
                        events.add(name + step);
                        yieldNow();
                    }
                };
            }
            await(gather(createTask(bodies[0]), createTask(bodies[1])));
        });
        assertThat(events).containsExactly("a1", "b1", "a2", "b2", "a3", "b3");
    }

    @Test
    void oneAtATimeSoAnUnguardedCounterCountsRight() throws Exception {
        int[] counter = {0};
        run(() -> await(gather(IntStream.range(0, 100)
                .mapToObj(_ -> createTask(() -> {
                    for (int i = 0; i < 100; i++) {
                        int seen = counter[0];
                        Thread.onSpinWait();
                        counter[0] = seen + 1;
                        yieldNow();
                    }
                }))
                .toList())));
        assertThat(counter[0]).isEqualTo(10_000);
    }

    @LoopTest
    void hasItsNameOrANumber() throws Exception {
        assertThat(createTask("reader", () -> 1).name()).isEqualTo("reader");
        assertThat(createTask(() -> 1).name()).startsWith("Task-");
    }

    @Test
    void currentIsTheOneThatRuns() throws Exception {
        assertThat(Task.current()).isNull();
        run(() -> {
            Task<?> main = Task.current();
            assertThat(main != null).isTrue();
            Task<Task<?>> child = createTask(() -> {
                yieldNow();
                return Task.current();
            });
            assertThat(await(child) == child).isTrue();
            assertThat(Task.current() == main).isTrue();
        });
    }

    @LoopTest
    void allTasksAreThoseThatHaveNotEnded() throws Exception {
        Task<?> main = Task.current();
        Task<Integer> quick = createTask(() -> 1);
        Task<Void> slow = createTask(() -> yieldNow());
        assertThat(EventLoop.current().allTasks()).containsExactly(main, quick, slow);
        await(quick);
        assertThat(EventLoop.current().allTasks()).doesNotContain(quick);
    }

    @Test
    void aForgottenTaskStillFinishes() throws Exception {
        var finished = new AtomicInteger();
        run(() -> {
            var weak = new WeakReference<>(createTask(() -> {
                for (int i = 0; i < 5; i++) {
                    yieldNow();
                }
                finished.incrementAndGet();
            }));
            for (int i = 0; i < 10; i++) {
                System.gc();
                yieldNow();
            }
            assertThat(weak).isNotNull();
        });
        assertThat(finished).hasValue(1);
    }

    @LoopTest
    void resultOfAPendingOneIsAnError() throws Exception {
        Task<Integer> task = createTask(() -> 1);
        assertThatThrownBy(task::result)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not done");
        assertThatThrownBy(task::exception).isInstanceOf(IllegalStateException.class);
        await(task);
        assertThat(task.result()).isEqualTo(1);
        assertThat(task.exception()).isNull();
    }

    @LoopTest
    void deepRecursionIsAFailureOfTheTaskOnly() throws Exception {
        Task<Integer> deep = createTask(() -> endless(0));
        assertThatThrownBy(() -> await(deep)).isInstanceOf(StackOverflowError.class);
        assertThat(await(createTask(() -> 1))).isEqualTo(1);
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int endless(int depth) {
        return endless(depth + 1) + 1;
    }

    @Test
    void twoHundredThousandAtOnceEndTogether() throws Exception {
        int count = 200_000;
        List<Integer> results = run(() -> await(gather(IntStream.range(0, count)
                .mapToObj(i -> createTask(() -> {
                    yieldNow();
                    return i;
                }))
                .toList())));
        assertThat(results).hasSize(count).startsWith(0, 1, 2).endsWith(count - 1);
    }

    @LoopTest
    void runCoroutineThreadsafeBringsTheResultToAnotherThread() throws Exception {
        EventLoop loop = EventLoop.current();
        int answer = await(Async.toThread(() ->
                loop.runCoroutineThreadsafe(() -> await(createTask(() -> 42))).get(10, TimeUnit.SECONDS)));
        assertThat(answer).isEqualTo(42);
    }

    @LoopTest
    void aTasksStackBeginsInTheUsersCode() throws Exception {
        Promise<Void> end = EventLoop.current().createFuture();
        Task<Void> task = createTask("waiting", () -> await(end));
        assertThat(task.stack()).isEmpty();
        yieldNow();
        assertThat(task.stack().getFirst().getClassName()).startsWith("dev.offloop.TaskTest");
        assertThat(Task.current().stack().getFirst().getMethodName()).isEqualTo("aTasksStackBeginsInTheUsersCode");
        assertThat(EventLoop.current().dumpTasks().lines())
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).startsWith("task waiting awaits at dev.offloop.TaskTest."));
        end.setResult(null);
        await(task);
        assertThat(task.stack()).isEmpty();
    }

    @LoopTest
    void aStackMayBeTakenFromAnyThreadAtAnyTime() throws Exception {
        var over = new AtomicBoolean();
        Task<Void> task = createTask(() -> {
            for (int i = 0; i < 20_000; i++) {
                yieldNow();
            }
        });
        Thread looker = Thread.ofPlatform().start(() -> {
            while (!over.get()) {
                task.stack();
            }
        });
        await(task);
        over.set(true);
        looker.join();
    }
}
