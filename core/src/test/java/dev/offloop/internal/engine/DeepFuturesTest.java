package dev.offloop.internal.engine;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.gatherOutcomes;
import static dev.offloop.Async.shield;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Async;
import dev.offloop.CancelledError;
import dev.offloop.ErrorContext;
import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Promise;
import dev.offloop.Task;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/** Chains of futures that are far longer than the stack is deep. */
class DeepFuturesTest {

    private static final int DEPTH = 100_000;

    private static Future<Object> chain(Future<Object> bottom, UnaryOperator<Future<Object>> layer) {
        Future<Object> top = bottom;
        for (int i = 0; i < DEPTH; i++) {
            top = layer.apply(top);
        }
        return top;
    }

    private static Future<Object> gathered(Future<Object> future) {
        return widened(gather(future));
    }

    private static Future<Object> gatheredOutcome(Future<Object> future) {
        return widened(gatherOutcomes(future));
    }

    private static Future<Object> shieldedGather(Future<Object> future) {
        return shield(widened(gather(future)));
    }

    @SuppressWarnings("unchecked") // a future only ever gives its result
    private static Future<Object> widened(Future<?> future) {
        return (Future<Object>) future;
    }

    private static Task<Object> awaiting(Future<Object> future) {
        return createTask(() -> await(future));
    }

    private static Object bottomOf(Object result, int depth) {
        Object inner = result;
        for (int i = 0; i < depth; i++) {
            inner = ((List<?>) inner).getFirst();
        }
        return inner;
    }

    @LoopTest
    void aDeepGatherGivesItsResult() throws Exception {
        Promise<Object> bottom = EventLoop.current().createFuture();
        Future<Object> top = chain(bottom, DeepFuturesTest::gathered);
        bottom.setResult("end");
        assertThat(bottomOf(await(top), DEPTH)).isEqualTo("end");
    }

    @LoopTest
    void aDeepGatherFails() throws Exception {
        Promise<Object> bottom = EventLoop.current().createFuture();
        Future<Object> top = chain(bottom, DeepFuturesTest::gathered);
        bottom.setException(new IllegalArgumentException("no"));
        assertThatThrownBy(() -> await(top)).isInstanceOf(IllegalArgumentException.class);
    }

    @LoopTest
    void aDeepGatherOfOutcomesGivesItsResult() throws Exception {
        Task<Object> bottom = createTask(() -> {
            sleep(Duration.ofSeconds(1));
            return "end";
        });
        assertThat(await(chain(bottom, DeepFuturesTest::gatheredOutcome))).isInstanceOf(List.class);
    }

    @LoopTest
    void aDeepShieldGivesItsResult() throws Exception {
        Promise<Object> bottom = EventLoop.current().createFuture();
        Future<Object> top = chain(bottom, Async::shield);
        bottom.setResult("end");
        assertThat(await(top)).isEqualTo("end");
    }

    @LoopTest
    void gathersAndShieldsInTurnsGiveTheirResult() throws Exception {
        Task<Object> bottom = createTask(() -> {
            sleep(Duration.ofSeconds(1));
            return "end";
        });
        Future<Object> top = chain(bottom, DeepFuturesTest::shieldedGather);
        assertThat(bottomOf(await(top), DEPTH)).isEqualTo("end");
    }

    @LoopTest
    void aChainOfTasksGivesItsResult() throws Exception {
        Promise<Object> bottom = EventLoop.current().createFuture();
        Future<Object> top = chain(bottom, DeepFuturesTest::awaiting);
        yieldNow();
        bottom.setResult("end");
        assertThat(await(top)).isEqualTo("end");
    }

    @LoopTest
    void aDeepGatherIsCancelledDownToTheBottom() throws Exception {
        Promise<Object> bottom = EventLoop.current().createFuture();
        Future<Object> top = chain(bottom, DeepFuturesTest::gathered);
        Task<Object> waiting = awaiting(top);
        yieldNow();
        waiting.cancel();
        assertThatThrownBy(() -> await(waiting)).isInstanceOf(CancelledError.class);
        assertThat(bottom.cancelled()).isTrue();
        assertThat(top.cancelled()).isTrue();
    }

    @LoopTest
    void theCancelledBottomOfADeepMixtureEndsTheTop() throws Exception {
        Promise<Object> bottom = EventLoop.current().createFuture();
        Future<Object> top = chain(bottom, DeepFuturesTest::shieldedGather);
        bottom.cancel();
        assertThatThrownBy(() -> await(top)).isInstanceOf(CancelledError.class);
    }

    @LoopTest
    void aDeepMixtureIsCancelledDownToTheFirstShield() throws Exception {
        Promise<Object> bottom = EventLoop.current().createFuture();
        Future<Object> top = chain(shield(chain(bottom, DeepFuturesTest::gathered)), DeepFuturesTest::gathered);
        Task<Object> waiting = awaiting(top);
        yieldNow();
        waiting.cancel();
        assertThatThrownBy(() -> await(waiting)).isInstanceOf(CancelledError.class);
        assertThat(bottom.done()).isFalse();
    }

    @LoopTest
    void aLongChainOfStagesGivesItsResult() throws Exception {
        Promise<Integer> bottom = EventLoop.current().createFuture();
        CompletionStage<Integer> top = bottom;
        for (int i = 0; i < DEPTH; i++) {
            top = top.thenApply(count -> count + 1);
        }
        bottom.setResult(0);
        assertThat(await(top)).isEqualTo(DEPTH);
    }

    @LoopTest
    void theDumpOfTasksInADeepChainCanBeTaken() throws Exception {
        Promise<Object> bottom = EventLoop.current().createFuture();
        Task<Object> waiting = awaiting(chain(bottom, DeepFuturesTest::gathered));
        yieldNow();
        assertThat(EventLoop.current().dumpTasks()).contains("awaits at");
        bottom.setResult("end");
        await(waiting);
    }

    @LoopTest
    void listenersAreNotifiedInTheOrderOfNestedCalls() throws Exception {
        List<String> order = new ArrayList<>();
        Promise<Object> bottom = EventLoop.current().createFuture();
        Future<Object> first = gathered(gathered(bottom));
        Future<Object> second = shield(bottom);
        second.addDoneCallback(_ -> order.add("second"));
        bottom.addDoneCallback(_ -> order.add("third"));
        first.addDoneCallback(_ -> order.add("first"));
        bottom.setResult("end");
        yieldNow();
        assertThat(order).containsExactly("first", "second", "third");
    }

    /** A plain stage runs the user's function inside the call that ends the future. */
    @LoopTest
    void anAwaitInsideAListenerDoesNotHoldUpTheOthers() throws Exception {
        Promise<Object> promise = EventLoop.current().createFuture();
        Promise<Object> other = EventLoop.current().createFuture();
        var stage = promise.toCompletableFuture().thenAccept(_ -> {
            try {
                await(other);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Task<Object> waiting = awaiting(promise);
        Task<Object> releases = createTask(() -> {
            await(waiting);
            other.setResult("end");
            return "released";
        });
        yieldNow();
        promise.setResult("end");
        assertThat(await(releases)).isEqualTo("released");
        assertThat(stage).isCompleted();
    }

    @LoopTest
    void whatFailsInAListenerIsReportedAndTheOthersAreNotified() throws Exception {
        List<ErrorContext> reports = new ArrayList<>();
        Loop loop = Loop.current();
        loop.setExceptionHandler((_, context) -> reports.add(context));
        var broken = new StackOverflowError();
        var promise = new LoopPromise<Object>(loop);
        promise.listen(_ -> {
            throw broken;
        });
        Future<Object> shielded = shield(promise);
        promise.setResult("end");
        assertThat(shielded.result()).isEqualTo("end");
        assertThat(reports).extracting(ErrorContext::exception).containsExactly(broken);
    }

    @LoopTest
    void whatFailsAtTheEndOfATaskIsReported() throws Exception {
        List<ErrorContext> reports = new ArrayList<>();
        Loop loop = Loop.current();
        loop.setExceptionHandler((_, context) -> reports.add(context));
        var broken = new StackOverflowError();
        Task<Object> task = createTask(() -> "end");
        ((LoopFuture<?>) task).listen(_ -> {
            throw broken;
        });
        assertThat(await(task)).isEqualTo("end");
        assertThat(reports).extracting(ErrorContext::exception).containsExactly(broken);
    }
}
