package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.shield;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.taskGroup;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The tree of who waits for whom. */
class AwaitTreeTest {

    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void taskStandsBelowTheOneThatAwaitsIt() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(() -> {
                Task<@Nullable Void> child = createTask("child", () -> sleep(LONG));
                Task<@Nullable Void> parent = createTask("parent", () -> {
                    await(gather(shield(child)));
                });
                sleep(Duration.ofMillis(1));
                List<String> lines = EventLoop.current().dumpTasks().lines().toList();
                int at = indexOf(lines, "task parent awaits at dev.offloop.AwaitTreeTest.");
                assertThat(lines.get(at + 1)).startsWith("└─ a gather of 1 future");
                assertThat(lines.get(at + 2)).startsWith("   └─ a shield");
                assertThat(lines.get(at + 3))
                        .startsWith("      └─ task child awaits at dev.offloop.AwaitTreeTest.")
                        .contains(", for sleep(…)")
                        .endsWith("(created by task Task-" + number() + ")");
                parent.cancel();
                child.cancel();
            });
        }
    }

    private static String number() {
        return Task.current().name().substring("Task-".length());
    }

    private static int indexOf(List<String> lines, String begin) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(begin)) {
                return i;
            }
        }
        throw new AssertionError("no line begins with '" + begin + "' in\n" + String.join("\n", lines));
    }

    @Test
    void membersOfAGroupStandBelowItsTask() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(() -> {
                Task<@Nullable Void> owner = createTask(
                        "owner",
                        () -> taskGroup(group -> {
                            group.createTask("member", () -> sleep(LONG));
                            sleep(LONG);
                        }));
                sleep(Duration.ofMillis(1));
                List<String> lines = EventLoop.current().dumpTasks().lines().toList();
                int at = indexOf(lines, "task owner awaits");
                assertThat(lines.get(at + 1))
                        .startsWith("└─ task member awaits")
                        .endsWith("(created by task owner)");
                owner.cancel();
            });
        }
    }

    @Test
    void offloadedFunctionShowsItsThreadAndLine() throws Exception {
        var began = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        try (var runner = Runner.create()) {
            runner.run(() -> {
                Task<@Nullable Void> waiting = createTask(
                        "waiting",
                        () -> await(toThread(() -> {
                            began.countDown();
                            release.await();
                        })));
                yieldNow();
                began.await();
                sleep(Duration.ofMillis(50));
                assertThat(EventLoop.current().dumpTasks())
                        .containsPattern("─ an offloaded function runs on thread 'offloop-pool-\\d+-\\d+'"
                                + " at dev\\.offloop\\.AwaitTreeTest\\.lambda");
                release.countDown();
                await(waiting);
            });
        }
    }

    @Test
    void taskThatTwoAwaitIsShownOnce() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(() -> {
                Task<@Nullable Void> child = createTask("child", () -> sleep(LONG));
                Task<@Nullable Void> one = createTask("one", () -> await(shield(child)));
                Task<@Nullable Void> two = createTask("two", () -> await(shield(child)));
                sleep(Duration.ofMillis(1));
                assertThat(EventLoop.current().dumpTasks())
                        .containsOnlyOnce("task child awaits")
                        .containsOnlyOnce("task child (shown above)");
                one.cancel();
                two.cancel();
                child.cancel();
            });
        }
    }

    @Test
    void circleIsMarked() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(() -> {
                Promise<Task<?>> second = EventLoop.current().createFuture();
                Task<?> first = createTask("first", () -> {
                    Task<?> other = await(second);
                    Async.timeout(LONG, () -> await(shield(other)));
                });
                Task<?> other = createTask("second", () -> Async.timeout(LONG, () -> await(shield(first))));
                second.setResult(other);
                sleep(Duration.ofMillis(1));
                assertThat(EventLoop.current().dumpTasks()).contains("task first waits for itself, in a circle");
                first.cancel();
                other.cancel();
            });
        }
    }

    @Test
    void jsonHasTheSameTree() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(() -> {
                Task<@Nullable Void> child = createTask("a \"child\"\n", () -> sleep(LONG));
                sleep(Duration.ofMillis(1));
                assertThat(EventLoop.current().dumpTasksAsJson())
                        .startsWith("[{\"name\":\"task ")
                        .contains(
                                "{\"name\":\"task a \\\"child\\\"\\n\",\"state\":\"awaits\",\"frames\":[\"dev.offloop.")
                        .contains("\"awaits\":[{\"name\":\"sleep(…)\",\"state\":\"\",\"frames\":[],\"awaits\":[]}]");
                child.cancel();
            });
        }
    }
}
