package dev.offloop.sync;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.timeout;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CancelledError;
import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Runner;
import dev.offloop.Task;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One at a time. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LockTest {

    private final Lock lock = new Lock();
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    private static void awaitWaiting(Thread thread) {
        Awaitility.await().until(() -> LockSupport.getBlocker(thread) instanceof Waiter); // it is in the line then
    }

    // ---- tasks

    @Test
    void tasksHaveItInTheOrderInWhichTheyCame() throws Exception {
        run(() -> {
            List<Task<?>> tasks = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
                tasks.add(createTask(() -> lock.with(() -> {
                    events.add(name + " has it");
                    yieldNow();
                    events.add(name + " leaves");
                })));
            }
            await(gather(tasks));
        });
        assertThat(events).containsExactly("a has it", "a leaves", "b has it", "b leaves", "c has it", "c leaves");
        assertThat(lock.locked()).isFalse();
    }

    @Test
    void aCancelledWaiterNeverHasItAndTheNextOneDoes() throws Exception {
        run(() -> {
            lock.acquire();
            Task<?> first = createTask(() -> lock.with(() -> events.add("first")));
            Task<?> second = createTask(() -> lock.with(() -> events.add("second")));
            yieldNow();
            first.cancel();
            assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
            lock.release();
            await(second);
        });
        assertThat(events).containsExactly("second");
    }

    @Test
    void oneThatIsCancelledWhenItGetsItPassesItOn() throws Exception {
        run(() -> {
            lock.acquire();
            Task<?> first = createTask(() -> lock.with(() -> events.add("first")));
            Task<?> second = createTask(() -> lock.with(() -> events.add("second")));
            yieldNow();
            lock.release(); // first has been given it, and has not run
            first.cancel();
            await(second);
            assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
        });
        assertThat(events).containsExactly("second");
        assertThat(lock.locked()).isFalse();
    }

    @LoopTest
    void aTimeoutEndsTheWait() throws Exception {
        lock.acquire();
        Task<?> late = createTask(() -> timeout(Duration.ofMillis(5), () -> lock.with(() -> {})));
        assertThatThrownBy(() -> await(late)).isInstanceOf(TimeoutException.class);
        lock.release();
        assertThat(lock.tryAcquire()).isTrue();
    }

    @LoopTest
    void laterCallerDoesNotOvertakeWaiters() throws Exception {
        lock.acquire();
        Task<?> waiter = createTask(() -> lock.with(() -> events.add("waited")));
        yieldNow();
        lock.release();
        assertThat(lock.tryAcquire()).isFalse();
        await(waiter);
    }

    @LoopTest
    void theBodysErrorReleasesIt() throws Exception {
        assertThatThrownBy(() -> lock.with(() -> {
                    throw new IllegalStateException("body");
                }))
                .hasMessage("body");
        assertThat(lock.locked()).isFalse();
    }

    // ---- threads

    @Test
    void aThreadBlocksUntilATaskReleasesIt() throws Exception {
        run(() -> {
            lock.acquire();
            Future<?> thread = toThread(() -> lock.withBlocking(() -> events.add("thread")));
            sleep(Duration.ofMillis(20));
            assertThat(events).isEmpty();
            lock.release();
            await(thread);
        });
        assertThat(events).containsExactly("thread");
    }

    @Test
    void aTaskAwaitsAThreadWhileOthersRun() throws Exception {
        var mayEnd = new java.util.concurrent.CountDownLatch(1);
        var has = new java.util.concurrent.CountDownLatch(1);
        run(() -> {
            Future<?> thread = toThread(() -> {
                lock.withBlocking(() -> {
                    has.countDown();
                    mayEnd.await();
                    return null;
                });
            });
            await(toThread(() -> has.await()));
            Task<?> waiter = createTask(() -> lock.with(() -> events.add("task")));
            for (int i = 0; i < 10; i++) {
                yieldNow();
            }
            events.add("others run");
            mayEnd.countDown();
            await(waiter);
            await(thread);
        });
        assertThat(events).containsExactly("others run", "task");
    }

    @Test
    void tasksAndThreadsAreServedInOneOrder() throws Exception {
        run(() -> {
            lock.acquire();
            Task<?> first = createTask(() -> lock.with(() -> events.add("task 1")));
            yieldNow();
            Thread second = Thread.ofPlatform().start(() -> {
                try {
                    lock.withBlocking(() -> events.add("thread 2"));
                } catch (Exception e) {
                    events.add(e.toString());
                }
            });
            awaitWaiting(second);
            Task<?> third = createTask(() -> lock.with(() -> events.add("task 3")));
            yieldNow();
            lock.release();
            await(first);
            await(third);
        });
        assertThat(events).containsExactly("task 1", "thread 2", "task 3");
    }

    @Test
    void anInterruptOrATimeOverEndsAThreadsWait() throws Exception {
        lock.acquireBlocking();
        Thread waiter = Thread.ofPlatform().start(() -> {
            try {
                lock.acquireBlocking();
            } catch (InterruptedException e) {
                events.add("interrupted");
            }
        });
        awaitWaiting(waiter);
        waiter.interrupt();
        waiter.join();
        Thread late = Thread.ofPlatform().start(() -> {
            try {
                events.add("got it: " + lock.acquireBlockingFor(Duration.ofMillis(5)));
                lock.withBlocking(Duration.ofMillis(5), () -> null);
            } catch (Exception e) {
                events.add(e.getClass().getSimpleName());
            }
        });
        late.join();
        assertThat(events).containsExactly("interrupted", "got it: false", "TimeoutException");
        lock.release();
        assertThat(lock.locked()).isFalse();
    }

    // ---- misuse

    @Test
    void releasingWhatOneDoesNotHoldIsAnError() throws Exception {
        assertThatThrownBy(lock::release)
                .isInstanceOf(IllegalMonitorStateException.class)
                .hasMessageContaining("held by no task or thread");
        run(() -> {
            lock.acquire();
            Task<?> other = createTask("thief", () -> lock.release());
            assertThatThrownBy(() -> await(other))
                    .isInstanceOf(IllegalMonitorStateException.class)
                    .hasMessageContaining("task thief");
            lock.release();
        });
    }

    @Test
    void acquiringItTwiceIsAnErrorAndNoDeadlock() throws Exception {
        run(() -> {
            lock.acquire();
            assertThatThrownBy(lock::acquire)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not reentrant");
        });
        var threads = new Lock();
        threads.acquireBlocking();
        assertThatThrownBy(threads::acquireBlocking).hasMessageContaining("not reentrant");
    }

    @Test
    void wrongOperationNamesTheRightOne() throws Exception {
        assertThatThrownBy(lock::acquire)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("acquireBlocking()");
        run(() -> {
            assertThatThrownBy(lock::acquireBlocking)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("would block the event loop")
                    .hasMessageContaining("Lock.acquire()");
            EventLoop.current().callSoon(() -> {
                try {
                    lock.acquire();
                } catch (IllegalStateException e) {
                    events.add(e.getMessage());
                }
            });
            yieldNow();
        });
        assertThat(events).singleElement().asString().contains("callback");
    }

    @Test
    void tasksThatWouldWaitForEachOtherGetAnError() throws Exception {
        var other = new Lock();
        run(() -> {
            Task<?> ab = createTask(
                    "ab",
                    () -> lock.with(() -> {
                        yieldNow();
                        other.with(() -> events.add("ab"));
                    }));
            Task<?> ba = createTask(
                    "ba",
                    () -> other.with(() -> {
                        yieldNow();
                        lock.with(() -> events.add("ba"));
                    }));
            assertThatThrownBy(() -> await(ba))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Deadlock: task ba would wait for task ab, which waits for task ba");
            await(ab);
        });
        assertThat(events).containsExactly("ab");
    }

    @Test
    void taskThatAwaitsOneThatWantsItsLockGetsAnError() throws Exception {
        run(() -> lock.with(() -> {
            Task<?> inner = createTask("inner", () -> lock.with(() -> events.add("never")));
            assertThatThrownBy(() -> await(inner))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Deadlock: task inner would wait for");
        }));
        assertThat(events).isEmpty();
    }

    @LoopTest
    void callerAfterATaskThatEndedWithoutReleasingGetsAnError() throws Exception {
        await(createTask("forgetful", () -> lock.acquire()));
        assertThatThrownBy(lock::acquire)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("task forgetful, which has ended");
        assertThatThrownBy(() -> await(toThread(() -> lock.acquireBlocking())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("task forgetful");
    }

    @Test
    void aTimeoutOnTheWayIsNoDeadlock() throws Exception {
        var other = new Lock();
        run(() -> {
            Task<?> ab = createTask(
                    "ab",
                    () -> lock.with(() -> {
                        yieldNow();
                        timeout(Duration.ofMillis(5), () -> other.with(() -> events.add("never")));
                    }));
            Task<?> ba = createTask(
                    "ba",
                    () -> other.with(() -> {
                        yieldNow();
                        lock.with(() -> events.add("ba"));
                    }));
            await(ba);
            assertThatThrownBy(() -> await(ab)).isInstanceOf(TimeoutException.class);
        });
        assertThat(events).containsExactly("ba");
    }

    @Test
    void taskOfAClosedLoopDoesNotKeepTheNextFromTheLock() throws Exception {
        lock.acquireBlocking();
        run(() -> {
            createTask(() -> lock.with(() -> events.add("never")));
            yieldNow();
        });
        Thread next = Thread.ofPlatform().start(() -> {
            try {
                lock.withBlocking(() -> events.add("next"));
            } catch (Exception e) {
                events.add(e.toString());
            }
        });
        awaitWaiting(next);
        lock.release();
        next.join();
        assertThat(events).containsExactly("next");
    }

    @Test
    void aTaskThatDidNotEndWithItsLoopIsPassedOver() throws Exception {
        lock.acquireBlocking();
        try (var runner = Runner.builder()
                .closeTimeout(Duration.ofMillis(20))
                .exceptionHandler((_, _) -> {})
                .build()) {
            runner.run(() -> {
                createTask("stubborn", () -> {
                    while (true) {
                        try {
                            lock.with(() -> events.add("never"));
                        } catch (CancelledError e) {
                            events.add("stays");
                        }
                    }
                });
                yieldNow();
            });
        }
        assertThat(events).isNotEmpty().doesNotContain("never");
        lock.release();
        assertThat(lock.locked()).isFalse();
    }

    @LoopTest
    void anErrorOfTheBodyComesBeforeOneOfTheRelease() {
        var lock = new Lock();
        assertThatThrownBy(() -> lock.with(() -> {
                    lock.release();
                    throw new IllegalArgumentException("mine");
                }))
                .hasMessage("mine")
                .satisfies(mine -> assertThat(mine.getSuppressed())
                        .singleElement()
                        .isInstanceOf(IllegalMonitorStateException.class));
    }
}
