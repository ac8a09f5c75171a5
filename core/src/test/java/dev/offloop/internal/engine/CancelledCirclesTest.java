package dev.offloop.internal.engine;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.gatherOutcomes;
import static dev.offloop.Async.shield;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.timeout;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Async;
import dev.offloop.CancelledError;
import dev.offloop.Future;
import dev.offloop.Task;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Futures that wait for themselves, in tasks whose time will be over. */
class CancelledCirclesTest {

    private static final Duration TIME = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofHours(1);

    /** A task that awaits, for a time, what was made of itself. */
    private static Task<Object> awaitingItself(Function<Task<?>, Future<?>> made) {
        List<Task<?>> self = new ArrayList<>();
        Task<Object> task = createTask(() -> timeout(TIME, () -> await(made.apply(self.getFirst()))));
        self.add(task);
        return task;
    }

    @LoopTest
    void aTaskThatGathersItselfEndsByItsTimeout() throws Exception {
        Task<Object> task = awaitingItself(self -> gather(self));
        assertThatThrownBy(() -> await(task)).isInstanceOf(TimeoutException.class);
    }

    @LoopTest
    void aTaskThatGathersItselfAndOthersEndsByItsTimeoutAndTheOthersAreCancelled() throws Exception {
        Task<Void> before = createTask(() -> sleep(LONG));
        Task<Void> after = createTask(() -> sleep(LONG));
        Task<Object> task = awaitingItself(self -> Async.<Object>gather(List.of(before, self, after)));
        assertThatThrownBy(() -> await(task)).isInstanceOf(TimeoutException.class);
        assertThat(before.cancelled()).isTrue();
        assertThat(after.cancelled()).isTrue();
    }

    @LoopTest
    void aTaskThatGathersItsOutcomeEndsByItsTimeout() throws Exception {
        Task<Object> task = awaitingItself(self -> gatherOutcomes(self, self));
        assertThatThrownBy(() -> await(task)).isInstanceOf(TimeoutException.class);
    }

    @LoopTest
    void aTaskInAGatherInAGatherThatItAwaitsEndsByItsTimeout() throws Exception {
        Task<Object> task = awaitingItself(self -> gather(gather(self), shield(self)));
        assertThatThrownBy(() -> await(task)).isInstanceOf(TimeoutException.class);
    }

    @LoopTest
    void aTaskThatGathersItselfCanBeCancelled() throws Exception {
        List<Task<Object>> tasks = new ArrayList<>();
        tasks.add(createTask(() -> timeout(LONG, () -> await(gather(tasks.getFirst())))));
        yieldNow();
        tasks.getFirst().cancel("enough");
        assertThatThrownBy(() -> await(tasks.getFirst()))
                .isInstanceOf(CancelledError.class)
                .hasMessage("enough");
    }

    @LoopTest
    void tasksThatGatherEachOtherEndByATimeout() throws Exception {
        List<Task<Object>> tasks = new ArrayList<>();
        tasks.add(createTask(() -> timeout(TIME, () -> await(gather(tasks.get(1))))));
        tasks.add(createTask(() -> await(gather(tasks.get(0)))));
        assertThatThrownBy(() -> await(tasks.get(0))).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> await(tasks.get(1))).isInstanceOf(CancelledError.class);
    }

    @LoopTest
    void aTaskThatIsGatheredTwiceIsCancelledOnce() throws Exception {
        Task<Void> task = createTask(() -> sleep(LONG));
        Future<List<Object>> twice = gather(task, task);
        yieldNow();
        twice.cancel();
        assertThat(task.cancelling()).isEqualTo(1);
        assertThatThrownBy(() -> await(twice)).isInstanceOf(CancelledError.class);
    }
}
