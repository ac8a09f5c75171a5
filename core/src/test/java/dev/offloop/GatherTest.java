package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.gatherOutcomes;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.testkit.LoopTest;
import java.util.List;

class GatherTest {

    @LoopTest
    void acceptsForeignStages() throws Exception {
        var theirs = java.util.concurrent.CompletableFuture.completedFuture("theirs");
        Future<String> ours = Async.toThread(() -> "ours");
        assertThat(await(gather(theirs, ours))).containsExactly("theirs", "ours");
        assertThat(await(gather(List.of(theirs, theirs)))).containsExactly("theirs", "theirs");
    }

    @LoopTest
    void resultsComeInTheOrderAskedForNotInThatOfTheirEnds() throws Exception {
        Promise<String> late = EventLoop.current().createFuture();
        Promise<String> early = EventLoop.current().createFuture();
        Future<List<String>> both = gather(late, early);
        early.setResult("early");
        assertThat(both.done()).isFalse();
        late.setResult("late");
        assertThat(await(both)).containsExactly("late", "early");
    }

    @LoopTest
    void ofNothingIsDone() throws Exception {
        assertThat(gather(List.<Future<String>>of()).result()).isEmpty();
        assertThat(gatherOutcomes(List.<Future<String>>of()).result()).isEmpty();
    }

    @LoopTest
    void theFirstFailureIsRaisedAndTheOthersGoOn() throws Exception {
        var thrown = new IllegalArgumentException("no");
        Promise<Integer> other = EventLoop.current().createFuture();
        Task<Integer> failing = createTask(() -> {
            throw thrown;
        });
        assertThatThrownBy(() -> await(gather(other, failing))).isSameAs(thrown);
        assertThat(other.done()).isFalse();
    }

    @LoopTest
    void aCancelledChildFailsIt() throws Exception {
        Promise<Integer> child = EventLoop.current().createFuture();
        Future<List<Integer>> all = gather(child);
        child.cancel("gone");
        assertThatThrownBy(() -> await(all)).isInstanceOf(CancelledError.class).hasMessage("gone");
    }

    @LoopTest
    void theSameFutureTwiceIsTwiceInTheList() throws Exception {
        Task<Integer> one = createTask(() -> 1);
        assertThat(await(gather(one, one))).containsExactly(1, 1);
    }

    @LoopTest
    void nullResultsAreKept() throws Exception {
        assertThat(await(gather(createTask(() -> null), createTask(() -> yieldNow()))))
                .containsExactly(null, null);
    }

    @LoopTest
    void outcomesHoldFailuresAndResults() throws Exception {
        var thrown = new IllegalArgumentException("no");
        Promise<Integer> cancelled = EventLoop.current().createFuture();
        cancelled.cancel();
        Task<Integer> failing = createTask(() -> {
            throw thrown;
        });
        List<Outcome<Integer>> outcomes = await(gatherOutcomes(createTask(() -> 1), failing, cancelled));
        assertThat(outcomes.get(0).succeeded()).isTrue();
        assertThat(outcomes.get(0).result()).isEqualTo(1);
        assertThat(outcomes.get(0).exception()).isNull();
        assertThat(outcomes.get(1).exception()).isSameAs(thrown);
        assertThatThrownBy(outcomes.get(1)::result).isSameAs(thrown);
        assertThat(outcomes.get(2).exception()).isInstanceOf(CancelledError.class);
    }
}
