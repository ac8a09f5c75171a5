package dev.offloop;

import static dev.offloop.Async.asCompleted;
import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.waitOn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.internal.engine.LoopFuture;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

class WaitOnTest {

    private static final Duration SHORT = Duration.ofMillis(300);

    @LoopTest
    void firstCompletedReturnsWithTheFirst() throws Exception {
        Promise<Integer> never = EventLoop.current().createFuture();
        Task<Integer> quick = createTask(() -> 1);
        Waited<Integer> waited = waitOn(List.of(never, quick), ReturnWhen.FIRST_COMPLETED);
        assertThat(waited.done().contains(quick)).isTrue();
        assertThat(waited.done()).hasSize(1);
        assertThat(waited.pending().contains(never)).isTrue();
        assertThat(never.done()).as("never cancelled").isFalse();
    }

    @LoopTest
    void firstExceptionGoesPastResultsAndCancellations() throws Exception {
        Promise<Integer> cancelled = EventLoop.current().createFuture();
        Promise<Integer> failing = EventLoop.current().createFuture();
        Promise<Integer> never = EventLoop.current().createFuture();
        createTask(() -> {
            cancelled.cancel();
            Async.yieldNow();
            failing.setException(new IllegalStateException());
        });
        Waited<Integer> waited = waitOn(List.of(cancelled, failing, never), ReturnWhen.FIRST_EXCEPTION);
        assertThat(waited.done()).hasSize(2);
        assertThat(waited.pending()).hasSize(1);
    }

    @LoopTest
    void allCompletedWaitsForAllAndRaisesNothing() throws Exception {
        Task<Integer> failing = createTask(() -> {
            throw new IllegalStateException();
        });
        Waited<Integer> waited = waitOn(List.of(failing, createTask(() -> 1)), ReturnWhen.ALL_COMPLETED);
        assertThat(waited.done()).hasSize(2);
        assertThat(failing.exception()).isInstanceOf(IllegalStateException.class);
        assertThat(waited.pending()).isEmpty();
    }

    @LoopTest
    void aTimeoutReturnsWhatThereIs() throws Exception {
        Promise<Integer> never = EventLoop.current().createFuture();
        Waited<Integer> waited = waitOn(List.of(never), ReturnWhen.ALL_COMPLETED, SHORT);
        assertThat(waited.done()).isEmpty();
        assertThat(waited.pending()).hasSize(1);
        assertThat(((LoopFuture<Integer>) never).listenerCount()).isZero();
    }

    @LoopTest
    void theSameFutureTwiceIsOne() throws Exception {
        Task<Integer> one = createTask(() -> 1);
        assertThat(waitOn(List.of(one, one), ReturnWhen.ALL_COMPLETED).done()).hasSize(1);
    }

    @LoopTest
    void nothingToWaitForIsAnError() throws Exception {
        assertThatThrownBy(() -> waitOn(List.of(), ReturnWhen.ALL_COMPLETED))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @LoopTest
    void asCompletedGivesTheVeryFuturesInTheOrderOfTheirEnds() throws Exception {
        Promise<Integer> late = EventLoop.current().createFuture();
        Promise<Integer> early = EventLoop.current().createFuture();
        createTask(() -> {
            early.setResult(1);
            Async.yieldNow();
            late.setResult(2);
        });
        List<Future<Integer>> seen = new ArrayList<>();
        for (Future<Integer> next : asCompleted(List.of(late, early, early))) {
            assertThat(next.done()).isTrue();
            seen.add(next);
        }
        assertThat(seen).hasSize(2);
        assertThat(seen.getFirst() == early && seen.getLast() == late).isTrue();
    }

    @LoopTest
    void asCompletedCanBeLeftAndResumed() throws Exception {
        Iterable<Future<Integer>> all =
                asCompleted(List.of(createTask(() -> 1), createTask(() -> 2), createTask(() -> 3)));
        int sum = 0;
        for (Future<Integer> next : all) {
            sum += await(next);
            break;
        }
        int rest = 0;
        for (Future<Integer> next : all) {
            sum += await(next);
            rest++;
        }
        assertThat(rest).isEqualTo(2);
        assertThat(sum).isEqualTo(6);
    }

    @LoopTest
    void asCompletedEndsAtItsDeadline() throws Exception {
        Promise<Integer> never = EventLoop.current().createFuture();
        var iterator = asCompleted(List.of(createTask(() -> 1), never), SHORT).iterator();
        assertThat(await(iterator.next())).isEqualTo(1);
        assertThatThrownBy(iterator::next)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(TimeoutException.class);
        assertThat(never.done()).isFalse();
    }
}
