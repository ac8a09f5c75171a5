package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What another thread can read of the tasks of a loop. */
@Timeout(60)
class DumpTasksTest {

    private static final Duration LONG = Duration.ofHours(1);

    private final Runner runner =
            Runner.builder().slowStepThreshold(Duration.ZERO).build();

    @Test
    void anotherThreadSeesWhereTasksWait() throws Exception {
        try (runner) {
            runner.run(() -> {
                Task<@Nullable Void> sleeper = createTask("sleeper", () -> sleep(LONG));
                String dump = await(toThread(runner.loop()::dumpTasks));
                assertThat(dump).contains("task sleeper awaits at dev.offloop.DumpTasksTest.");
                sleeper.cancel();
            });
        }
    }

    @Test
    void anotherThreadSeesTheTaskThatBlocksTheLoop() throws Exception {
        var blocked = new CountDownLatch(1);
        var dumped = new CountDownLatch(1);
        try (runner) {
            runner.run(() -> {
                Future<String> dump = toThread(() -> {
                    blocked.await();
                    String words = runner.loop().dumpTasks();
                    dumped.countDown();
                    return words;
                });
                await(createTask("blocker", () -> {
                    blocked.countDown();
                    dumped.await();
                }));
                assertThat(await(dump)).contains("task blocker runs at dev.offloop.DumpTasksTest.");
            });
        }
    }

    @Test
    void ofManyTasksSomeAreDescribedAndTheOthersCounted() throws Exception {
        try (runner) {
            runner.run(() -> {
                for (int i = 0; i < 100_000; i++) {
                    createTask(() -> sleep(LONG));
                }
                String dump = await(toThread(runner.loop()::dumpTasks));
                assertThat(dump.lines()).hasSize(1_002); // the main task awaits a function
                assertThat(dump).endsWith("and 99001 more");
            });
        }
    }

    @Test
    void loopThatDoesNotRunIsDescribedAsItStands() throws Exception {
        try (runner) {
            runner.run(() -> {
                createTask("left", () -> sleep(LONG));
                sleep(Duration.ofMillis(1));
            });
            assertThat(runner.loop().dumpTasks()).contains("task left awaits at");
        }
        assertThat(runner.loop().dumpTasks()).isEmpty();
    }
}
