package dev.offloop.sync;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CancelledError;
import dev.offloop.Future;
import dev.offloop.Task;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting for what others change. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ConditionTest {

    private final Lock lock = new Lock();
    private final Condition condition = new Condition(lock);
    private final List<Object> events = Collections.synchronizedList(new ArrayList<>());

    private void waitAndRecord(String name) throws Exception {
        lock.with(() -> {
            condition.await();
            events.add(name);
        });
    }

    @LoopTest
    void aSignalGoesToTheOneWhoWaitsLongest() throws Exception {
        Task<?> first = createTask(() -> waitAndRecord("first"));
        Task<?> second = createTask(() -> waitAndRecord("second"));
        yieldNow();
        lock.with(condition::signal);
        await(first);
        assertThat(events).containsExactly("first");
        lock.with(condition::signalAll);
        await(second);
    }

    @LoopTest
    void whoComesBackHoldsTheLock() throws Exception {
        Task<?> waiter = createTask(() -> lock.with(() -> {
            condition.await();
            assertThat(lock.isMine()).isTrue();
        }));
        yieldNow();
        lock.acquire();
        condition.signal();
        sleep(Duration.ofMillis(2));
        assertThat(waiter.done()).as("the signaller holds the lock").isFalse();
        lock.release();
        await(waiter);
        assertThat(lock.locked()).isFalse();
    }

    @LoopTest
    void aCancelledWaiterHoldsTheLockBeforeItGoesOn() throws Exception {
        Task<?> waiter = createTask(() -> lock.with(() -> {
            try {
                condition.await();
            } catch (CancelledError e) {
                events.add("holds it: " + lock.isMine());
                throw e;
            }
        }));
        yieldNow();
        lock.acquire();
        waiter.cancel();
        sleep(Duration.ofMillis(2));
        waiter.cancel();
        sleep(Duration.ofMillis(2));
        assertThat(events).isEmpty();
        lock.release();
        assertThatThrownBy(() -> await(waiter)).isInstanceOf(CancelledError.class);
        assertThat(events).containsExactly("holds it: true");
        assertThat(lock.locked()).isFalse();
    }

    @Test
    void aSignalForACancelledWaiterGoesToTheNext() throws Exception {
        run(() -> {
            Task<?> first = createTask(() -> waitAndRecord("first"));
            Task<?> second = createTask(() -> waitAndRecord("second"));
            yieldNow();
            lock.with(() -> {
                condition.signal();
                first.cancel();
            });
            await(second);
            assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
        });
        assertThat(events).containsExactly("second");
    }

    @RepeatedTest(20)
    void tasksAndThreadsShareABoundedBuffer() throws Exception {
        var items = new ArrayDeque<Integer>();
        var notEmpty = new Condition(lock);
        var notFull = new Condition(lock);
        run(() -> {
            Future<?> producer = toThread(() -> {
                for (int i = 0; i < 500; i++) {
                    int n = i;
                    lock.withBlocking(() -> {
                        notFull.awaitUntilBlocking(() -> items.size() < 3);
                        items.add(n);
                        notEmpty.signal();
                        return n;
                    });
                }
            });
            Task<?> consumer = createTask(() -> {
                for (int i = 0; i < 500; i++) {
                    lock.with(() -> {
                        notEmpty.awaitUntil(() -> !items.isEmpty());
                        events.add(items.remove());
                        notFull.signal();
                    });
                }
            });
            await(gather(List.of(producer, consumer)));
        });
        assertThat(events).hasSize(500).startsWith(0, 1, 2).endsWith(498, 499);
    }

    @Test
    void aThreadWaitsForATimeOnlyAndHoldsTheLockAfterIt() throws Exception {
        lock.acquireBlocking();
        assertThat(condition.awaitBlockingFor(Duration.ofMillis(5))).isFalse();
        assertThat(lock.isMine()).isTrue();
        lock.release();
    }

    @Test
    void callerWithoutTheLockGetsAnError() throws Exception {
        assertThatThrownBy(condition::signal).isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(() -> condition.awaitUntilBlocking(() -> true))
                .isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(condition::awaitBlocking).isInstanceOf(IllegalMonitorStateException.class);
        run(() -> assertThatThrownBy(condition::await).isInstanceOf(IllegalMonitorStateException.class));
    }
}
