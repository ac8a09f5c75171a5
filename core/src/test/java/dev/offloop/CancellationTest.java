package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.shield;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

class CancellationTest {

    private static final Duration LONG = Duration.ofHours(1);

    @LoopTest
    void isDeliveredWhereTheTaskWaits() throws Exception {
        List<String> events = new ArrayList<>();
        Task<Void> task = createTask(() -> {
            try {
                sleep(LONG);
            } catch (CancelledError e) {
                events.add(String.valueOf(e.getMessage()));
                throw e;
            }
        });
        yieldNow();
        assertThat(task.cancel("enough")).isTrue();
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class).hasMessage("enough");
        assertThat(task.cancelled()).isTrue();
        assertThat(events).containsExactly("enough");
    }

    @LoopTest
    void anExceptionHandlerDoesNotSwallowIt() throws Exception {
        Task<Void> task = createTask(() -> {
            try {
                sleep(LONG);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        yieldNow();
        task.cancel();
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
    }

    @LoopTest
    void beforeTheFirstStepTheBodyNeverRuns() throws Exception {
        List<String> events = new ArrayList<>();
        Task<Boolean> task = createTask(() -> events.add("ran"));
        task.cancel();
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        assertThat(events).isEmpty();
    }

    @LoopTest
    void caughtAndForgottenTheTaskGoesOn() throws Exception {
        Task<String> task = createTask(() -> {
            try {
                sleep(LONG);
            } catch (CancelledError e) {
                yieldNow();
            }
            return "went on";
        });
        yieldNow();
        task.cancel();
        assertThat(await(task)).isEqualTo("went on");
        assertThat(task.cancelled()).isFalse();
    }

    @LoopTest
    void ofItselfIsRaisedAtTheNextAwait() throws Exception {
        List<String> events = new ArrayList<>();
        Task<Void> task = createTask(() -> {
            Task.current().cancel();
            events.add("still here");
            yieldNow();
            events.add("not here");
        });
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        assertThat(events).containsExactly("still here");
    }

    @LoopTest
    void cancelsWhatTheTaskAwaits() throws Exception {
        Task<Void> inner = createTask(() -> sleep(LONG));
        Task<Void> outer = createTask(() -> await(inner));
        yieldNow();
        yieldNow();
        outer.cancel();
        assertThatThrownBy(() -> await(outer)).isInstanceOf(CancelledError.class);
        assertThat(inner.cancelled()).isTrue();
    }

    @LoopTest
    void cancelsAForeignStageThatTheTaskAwaits() throws Exception {
        var foreign = new CompletableFuture<String>();
        Task<String> task = createTask(() -> await(foreign));
        yieldNow();
        task.cancel();
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        assertThat(foreign).isCancelled();
    }

    @LoopTest
    void isNotLostWhenWhatWasAwaitedHasJustEnded() throws Exception {
        Promise<Integer> promise = EventLoop.current().createFuture();
        Task<Integer> task = createTask(() -> await(promise));
        yieldNow();
        promise.setResult(1); // the task is ready to go on, and has not
        task.cancel();
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
    }

    @LoopTest
    void ofSomethingDoneIsRefused() throws Exception {
        Task<Integer> task = createTask(() -> 1);
        await(task);
        assertThat(task.cancel()).isFalse();
        assertThat(task.result()).isEqualTo(1);
    }

    @LoopTest(realTime = true)
    void fromAnotherThreadWakesTheLoop() throws Exception {
        Task<Void> task = createTask(() -> sleep(LONG));
        yieldNow();
        Thread.ofPlatform().start(() -> task.cancel("from outside"));
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class).hasMessage("from outside");
    }

    @LoopTest
    void ofTheMirrorCancelsTheTask() throws Exception {
        EventLoop loop = EventLoop.current();
        CompletableFuture<Void> mirror = loop.runCoroutineThreadsafe(() -> sleep(LONG));
        yieldNow();
        yieldNow();
        mirror.cancel(true);
        yieldNow();
        yieldNow();
        assertThat(loop.allTasks()).hasSize(1);
    }

    @LoopTest
    void ofTheTaskShowsInTheMirror() throws Exception {
        Task<Void> task = createTask(() -> sleep(LONG));
        CompletableFuture<Void> mirror = task.toCompletableFuture();
        yieldNow();
        task.cancel();
        Async.toThread(() -> {
            try {
                mirror.get(10, TimeUnit.SECONDS);
            } catch (java.util.concurrent.CancellationException expected) {
                return;
            }
            throw new AssertionError("not cancelled");
        });
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        assertThat(mirror).isCancelled();
    }

    @LoopTest
    void cancellingCountsTheRequestsAndUncancelTakesThemBack() throws Exception {
        Task<Integer> task = createTask(() -> {
            try {
                sleep(LONG);
            } catch (CancelledError e) {
                return Task.current().uncancel();
            }
            return -1;
        });
        yieldNow();
        task.cancel();
        task.cancel();
        assertThat(task.cancelling()).isEqualTo(2);
        assertThat(await(task)).isEqualTo(1);
    }

    @LoopTest
    void ofAGatherCancelsAllOfIt() throws Exception {
        Task<Void> one = createTask(() -> sleep(LONG));
        Task<Void> two = createTask(() -> sleep(LONG));
        Future<List<Void>> both = gather(one, two);
        yieldNow();
        both.cancel("both");
        assertThatThrownBy(() -> await(both)).isInstanceOf(CancelledError.class).hasMessage("both");
        assertThat(one.cancelled()).isTrue();
        assertThat(two.cancelled()).isTrue();
    }

    @LoopTest
    void doesNotReachWhatIsShielded() throws Exception {
        Promise<Integer> promise = EventLoop.current().createFuture();
        Task<Integer> task = createTask(() -> await(shield(promise)));
        yieldNow();
        task.cancel();
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        assertThat(promise.done()).isFalse();
        promise.setResult(1);
        assertThat(await(shield(promise))).isEqualTo(1);
    }
}
