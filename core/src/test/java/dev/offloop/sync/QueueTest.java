package dev.offloop.sync;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CancelledError;
import dev.offloop.Future;
import dev.offloop.Task;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Items from anywhere to anywhere. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class QueueTest {

    private final List<Object> got = Collections.synchronizedList(new ArrayList<>());

    @Test
    void itemsLeaveInTheOrderInWhichTheyCame() throws Exception {
        var queue = new Queue<Integer>();
        run(() -> {
            queue.put(1);
            queue.put(2);
            assertThat(queue.get()).isEqualTo(1);
            queue.put(3);
            assertThat(List.of(queue.get(), queue.get())).containsExactly(2, 3);
        });
    }

    @Test
    void aStackGivesTheLastFirst() throws Exception {
        var queue = new LifoQueue<Integer>();
        run(() -> {
            queue.put(1);
            queue.put(2);
            assertThat(List.of(queue.get(), queue.get())).containsExactly(2, 1);
        });
    }

    @Test
    void aPriorityQueueGivesTheSmallestFirstAndEqualOnesInTheirOrder() throws Exception {
        var queue = new PriorityQueue<String>(Comparator.comparing(String::length));
        run(() -> {
            for (String item : List.of("ccc", "a", "bb", "b", "aa")) {
                queue.put(item);
            }
            List<String> all = new ArrayList<>();
            for (String item = queue.tryGet(); item != null; item = queue.tryGet()) {
                all.add(item);
            }
            assertThat(all).containsExactly("a", "b", "bb", "aa", "ccc");
        });
    }

    @Test
    void whatCannotBeComparedIsRefusedAndHarmsNothing() {
        var queue = new PriorityQueue<Object>();
        queue.tryPut(1);
        assertThatThrownBy(() -> queue.tryPut("one")).isInstanceOf(ClassCastException.class);
        assertThat(queue.tryGet()).isEqualTo(1);
        queue.taskDone();
        assertThatThrownBy(queue::taskDone).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void oneWithoutAnOrderDoesNotSlipIn() {
        var queue = new PriorityQueue<Object>();
        assertThatThrownBy(() -> queue.tryPut(new Object()))
                .isInstanceOf(ClassCastException.class)
                .hasMessageContaining("Comparator");
        assertThat(queue.tryPut(1)).isTrue();
    }

    @Test
    void roomThatARefusedPutWasGivenGoesToTheNext() throws Exception {
        var queue = new PriorityQueue<Object>(2);
        run(() -> {
            queue.put(1);
            queue.put(2);
            Task<?> bad = createTask(() -> queue.put("a"));
            Task<?> good = createTask(() -> queue.put(3));
            yieldNow();
            queue.get();
            assertThatThrownBy(() -> await(bad)).isInstanceOf(ClassCastException.class);
            await(good);
            assertThat(queue.size()).isEqualTo(2);
        });
    }

    @Test
    void gettersAreServedInTheirOrder() throws Exception {
        var queue = new Queue<Integer>();
        run(() -> {
            Task<Integer> first = createTask(queue::get);
            Task<Integer> second = createTask(queue::get);
            yieldNow();
            queue.put(1);
            queue.put(2);
            assertThat(await(gather(first, second))).containsExactly(1, 2);
        });
    }

    @Test
    void aFullQueueLetsPuttersWaitInTheirOrder() throws Exception {
        var queue = new Queue<Integer>(1);
        run(() -> {
            queue.put(0);
            assertThat(queue.tryPut(9)).isFalse();
            assertThat(queue.isFull()).isTrue();
            Task<Void> first = createTask(() -> queue.put(1));
            Task<Void> second = createTask(() -> queue.put(2));
            yieldNow();
            assertThat(queue.get()).isZero();
            assertThat(queue.tryPut(9)).as("the room is the first putter's").isFalse();
            await(first);
            assertThat(queue.get()).isEqualTo(1);
            await(second);
            assertThat(queue.get()).isEqualTo(2);
        });
    }

    @Test
    void aCancelledGetHasTakenNothing() throws Exception {
        var queue = new Queue<Integer>();
        run(() -> {
            Task<Integer> waiting = createTask(queue::get);
            yieldNow();
            waiting.cancel();
            yieldNow();
            queue.put(1);
            assertThat(queue.get()).isEqualTo(1);
        });
    }

    @Test
    void aGetThatIsCancelledWhenItWasGivenAnItemPutsItBack() throws Exception {
        var queue = new Queue<Integer>();
        run(() -> {
            Task<Integer> first = createTask(queue::get);
            yieldNow();
            queue.put(1);
            queue.put(2);
            first.cancel();
            assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
            assertThat(List.of(queue.get(), queue.get())).containsExactly(1, 2);
        });
    }

    @Test
    void aPutThatIsCancelledWhenItWasGivenRoomHasPutNothing() throws Exception {
        var queue = new Queue<Integer>(1);
        run(() -> {
            queue.put(0);
            Task<Void> first = createTask(() -> queue.put(1));
            Task<Void> second = createTask(() -> queue.put(2));
            yieldNow();
            assertThat(queue.get()).isZero();
            first.cancel();
            await(second);
            assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
            assertThat(queue.get()).isEqualTo(2);
            assertThat(queue.tryGet()).isNull();
        });
    }

    @Test
    void aThreadPutsAndATaskGets() throws Exception {
        var queue = new Queue<Integer>(3);
        run(() -> {
            Future<Void> producer = toThread(() -> {
                for (int i = 0; i < 1_000; i++) {
                    queue.putBlocking(i);
                }
            });
            for (int i = 0; i < 1_000; i++) {
                assertThat(queue.get()).isEqualTo(i);
            }
            await(producer);
        });
    }

    @Test
    void aTaskPutsAndAThreadGets() throws Exception {
        var queue = new Queue<Integer>(3);
        run(() -> {
            Future<Void> consumer = toThread(() -> {
                for (int i = 0; i < 1_000; i++) {
                    assertThat(queue.getBlocking()).isEqualTo(i);
                }
            });
            for (int i = 0; i < 1_000; i++) {
                queue.put(i);
            }
            await(consumer);
        });
    }

    @Test
    void aThreadWaitsForATimeOnly() throws Exception {
        var queue = new Queue<Integer>(1);
        assertThat(queue.getBlockingFor(Duration.ofMillis(5))).isNull();
        assertThat(queue.putBlockingFor(1, Duration.ofMillis(5))).isTrue();
        assertThat(queue.putBlockingFor(2, Duration.ofMillis(5))).isFalse();
        assertThat(queue.getBlockingFor(Duration.ofMillis(5))).isEqualTo(1);
        assertThat(queue.tryGet()).isNull();
    }

    @Test
    void joinWaitsUntilAllIsDone() throws Exception {
        var queue = new Queue<Integer>();
        run(() -> {
            queue.join();
            for (int i = 0; i < 3; i++) {
                queue.put(i);
            }
            Task<Void> worker = createTask(() -> {
                for (int i = 0; i < 3; i++) {
                    got.add(queue.get());
                    yieldNow();
                    queue.taskDone();
                }
            });
            queue.join();
            assertThat(got).containsExactly(0, 1, 2);
            await(worker);
        });
    }

    @Test
    void aQueueThatWasShutDownGivesWhatIsThereAndThenAnError() throws Exception {
        var queue = new Queue<Integer>(2);
        run(() -> {
            queue.put(1);
            queue.put(2);
            Task<Void> putter = createTask(() -> queue.put(3));
            yieldNow();
            queue.shutdown();
            assertThatThrownBy(() -> await(putter)).isInstanceOf(QueueShutdownException.class);
            assertThatThrownBy(() -> queue.put(4)).isInstanceOf(QueueShutdownException.class);
            assertThatThrownBy(() -> queue.tryPut(4)).isInstanceOf(QueueShutdownException.class);
            assertThat(List.of(queue.get(), queue.get())).containsExactly(1, 2);
            assertThatThrownBy(queue::get).isInstanceOf(QueueShutdownException.class);
            assertThatThrownBy(queue::tryGet).isInstanceOf(QueueShutdownException.class);
        });
        assertThatThrownBy(queue::getBlocking).isInstanceOf(QueueShutdownException.class);
    }

    @Test
    void anImmediateShutdownDropsWhatIsThereAndLetsJoinersGo() throws Exception {
        var queue = new Queue<Integer>();
        run(() -> {
            queue.put(1);
            Task<Void> joiner = createTask(queue::join);
            yieldNow();
            queue.shutdown(true);
            await(joiner);
            assertThatThrownBy(queue::get).isInstanceOf(QueueShutdownException.class);
        });
    }

    @Test
    void shutdownEndsTheWaitForAnItem() throws Exception {
        var queue = new Queue<Integer>();
        run(() -> {
            Task<Integer> task = createTask(queue::get);
            Future<Integer> thread = toThread(() -> queue.getBlocking());
            yieldNow();
            queue.shutdown();
            assertThatThrownBy(() -> await(task)).isInstanceOf(QueueShutdownException.class);
            assertThatThrownBy(() -> await(thread)).isInstanceOf(QueueShutdownException.class);
        });
    }

    @LoopTest
    void nullIsNoItem() throws Exception {
        assertThatThrownBy(() -> new Queue<Integer>().put(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void wrongOperationNamesTheRightOne() throws Exception {
        var queue = new Queue<Integer>();
        assertThatThrownBy(queue::get).hasMessageContaining("Queue.getBlocking()");
        assertThatThrownBy(() -> queue.put(1)).hasMessageContaining("Queue.putBlocking");
        run(() -> {
            assertThatThrownBy(queue::getBlocking).hasMessageContaining("Queue.get()");
            assertThatThrownBy(() -> queue.putBlocking(1)).hasMessageContaining("Queue.put(");
            assertThatThrownBy(queue::joinBlocking).hasMessageContaining("Queue.join()");
        });
    }
}
