package dev.offloop.testkit;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.timeout;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CapacityLimiter;
import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeoutException;

class TestExecutorTest {

    private final TestExecutor executor = new TestExecutor();
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    private Future<String> offload(String name) {
        return EventLoop.current().runInExecutor(executor, () -> {
            events.add(name);
            return name;
        });
    }

    @LoopTest
    void nothingRunsBeforeTheTestSaysSo() throws Exception {
        Future<String> first = offload("first");
        Future<String> second = offload("second");
        yieldNow();
        assertThat(events).isEmpty();
        assertThat(executor.pending()).hasSize(2);
        await(executor.pending().get(1).run());
        assertThat(second.done()).isTrue();
        assertThat(first.done()).isFalse();
        executor.runAll();
        assertThat(events).containsExactly("second", "first");
        assertThat(await(first)).isEqualTo("first");
        assertThat(executor.pending()).isEmpty();
    }

    @LoopTest
    void completesACallWithoutRunningIt() throws Exception {
        Future<String> call = offload("call");
        assertThat(executor.next().complete("made up")).isTrue();
        assertThat(await(call)).isEqualTo("made up");
        assertThat(events).isEmpty();
    }

    @LoopTest
    void failsACallWithTheVeryException() {
        var full = new IOException("disk full");
        Future<String> call = offload("call");
        assertThat(executor.next().fail(full)).isTrue();
        assertThatThrownBy(() -> await(call)).isSameAs(full);
    }

    @LoopTest
    void nextAwaitsACallThatIsStillToCome() throws Exception {
        Task<TestExecutor.Call> next = createTask(executor::next);
        yieldNow();
        assertThat(next.done()).isFalse();
        Future<String> call = offload("call");
        await(next).complete("now");
        assertThat(await(call)).isEqualTo("now");
    }

    @LoopTest
    void timeDoesNotWaitForCallsThatWaitForTheTest() throws Exception {
        long start = System.nanoTime();
        assertThatThrownBy(() -> timeout(Duration.ofHours(1), () -> await(offload("call"))))
                .isInstanceOf(TimeoutException.class);
        assertThat(EventLoop.current().time()).isEqualTo(Duration.ofHours(1));
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThan(Duration.ofSeconds(9)); // the clock's patience
        assertThat(executor.pending()).isEmpty(); // cancelled by the timeout
    }

    @LoopTest
    void servesAsTheDefaultExecutor() throws Exception {
        EventLoop.current().setDefaultExecutor(executor);
        Future<String> call = toThread(() -> "real");
        executor.next().complete("made up");
        assertThat(await(call)).isEqualTo("made up");
    }

    @LoopTest
    void standsBehindALimiter() throws Exception {
        var limiter = new CapacityLimiter(1, executor);
        Future<String> first = EventLoop.current().runInExecutor(limiter, () -> "first");
        Future<String> second = EventLoop.current().runInExecutor(limiter, () -> "second");
        assertThat(executor.pending()).hasSize(1);
        executor.next().complete("1");
        assertThat(await(first)).isEqualTo("1");
        await(executor.next().run());
        assertThat(await(second)).isEqualTo("second");
    }

    @LoopTest
    void aCallEndsOnce() throws Exception {
        Future<String> future = offload("call");
        TestExecutor.Call call = executor.next();
        call.complete("once");
        assertThatThrownBy(() -> call.complete("twice"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already");
        assertThatThrownBy(call::run).isInstanceOf(IllegalStateException.class);
        assertThat(await(future)).isEqualTo("once");
    }

    @LoopTest
    void whatIsNoCallOfTheLoopHasNoResult() throws Exception {
        executor.execute(() -> events.add("plain"));
        TestExecutor.Call call = executor.next();
        assertThatThrownBy(() -> call.complete("?"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("can only be run");
        await(call.run());
        assertThat(events).containsExactly("plain");
    }

    @LoopTest
    void nextLeavesOutCallsThatHaveEnded() throws Exception {
        await(offload("run").thenCombine(runAll(), (a, _) -> a));
        offload("cancelled").cancel();
        assertThat(executor.pending()).isEmpty();
        Future<String> last = offload("last");
        executor.next().complete("3");
        assertThat(await(last)).isEqualTo("3");
    }

    private Task<Void> runAll() {
        return createTask(executor::runAll);
    }

    @LoopTest
    void twoMayRunAllAtATime() throws Exception {
        Future<String> first = offload("first");
        Future<String> second = offload("second");
        await(gather(runAll(), runAll()));
        assertThat(await(gather(first, second))).containsExactly("first", "second");
    }
}
