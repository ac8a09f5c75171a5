package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.timeout;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.internal.util.Sneaky;
import dev.offloop.testkit.LoopTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** What becomes of a function that runs while its future is cancelled. */
class OnCancelTest {

    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    private String function() {
        started.countDown();
        try {
            mayEnd.await();
            events.add("ended");
        } catch (InterruptedException e) {
            events.add("interrupted");
        }
        return "result";
    }

    /** A task that awaits the function, which has started. */
    private Task<String> awaiting(OnCancel policy) throws Exception {
        Task<String> task = createTask(() -> await(toThread(policy, this::function)));
        while (started.getCount() > 0) {
            sleep(Duration.ofMillis(1));
        }
        return task;
    }

    @Test
    void interruptStopsTheThreadAndLetsTheCallerGoOn() throws Exception {
        run(() -> {
            Task<String> task = awaiting(OnCancel.INTERRUPT);
            task.cancel("enough");
            assertThatThrownBy(() -> await(task))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("enough");
        });
        assertThat(events).containsExactly("interrupted");
    }

    @Test
    void abandonLetsBothGoOn() throws Exception {
        run(() -> {
            Task<String> task = awaiting(OnCancel.ABANDON);
            task.cancel("enough");
            assertThatThrownBy(() -> await(task))
                    .isInstanceOf(CancelledError.class)
                    .hasMessage("enough");
            assertThat(events).isEmpty();
            mayEnd.countDown();
        });
        assertThat(events).containsExactly("ended");
    }

    @LoopTest(realTime = true)
    void waitLetsTheFunctionEndAndThenCancels() throws Exception {
        Task<String> task = awaiting(OnCancel.WAIT);
        task.cancel("enough");
        sleep(Duration.ofMillis(20));
        assertThat(task.done()).isFalse();
        mayEnd.countDown();
        assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class).hasMessage("enough");
        assertThat(events).containsExactly("ended");
    }

    @LoopTest(realTime = true)
    void waitRaisesWhatTheFunctionThrows() throws Exception {
        Task<Void> task = createTask(() -> await(toThread(OnCancel.WAIT, () -> {
            started.countDown();
            mayEnd.await();
            throw new IOException("half written");
        })));
        while (started.getCount() > 0) {
            sleep(Duration.ofMillis(1));
        }
        task.cancel();
        yieldNow();
        mayEnd.countDown();
        assertThatThrownBy(() -> await(task)).isInstanceOf(IOException.class);
    }

    @LoopTest(realTime = true)
    void waitKeepsATimeOutATimeOut() throws Exception {
        assertThatThrownBy(() -> timeout(Duration.ofHours(1), scope -> {
                    Future<Integer> function = toThread(OnCancel.WAIT, () -> {
                        started.countDown();
                        awaitCancellation();
                        events.add("ended");
                        return 1;
                    });
                    await(toThread(() -> started.await()));
                    scope.reschedule(Duration.ofMillis(20)); // not before it has started
                    await(function);
                }))
                .isInstanceOf(TimeoutException.class);
        assertThat(events).containsExactly("ended");
        assertThat(Task.current().cancelling()).isZero();
    }

    private static void awaitCancellation() throws InterruptedException {
        try {
            while (true) {
                Offload.checkCancelled();
                Thread.sleep(1);
            }
        } catch (CancelledError cancelled) {
            // the time is over
        }
    }

    @Test
    void aFunctionThatHasNotStartedNeverRuns() throws Exception {
        for (OnCancel policy : OnCancel.values()) {
            List<Runnable> queue = new ArrayList<>();
            run(() -> {
                Future<Boolean> future =
                        EventLoop.current().runInExecutor(queue::add, policy, () -> events.add("started"));
                future.cancel();
                assertThat(future.cancelled()).isTrue();
            });
            queue.forEach(Runnable::run);
            assertThat(events).isEmpty();
        }
    }

    @Test
    void checkCancelledEndsAFunctionThatAsks() throws Exception {
        for (OnCancel policy : List.of(OnCancel.ABANDON, OnCancel.WAIT)) {
            var heard = new CompletableFuture<String>();
            var running = new CountDownLatch(1);
            run(() -> {
                Future<Void> future = toThread(policy, () -> {
                    running.countDown();
                    try {
                        while (true) {
                            Offload.checkCancelled();
                            Thread.sleep(1);
                        }
                    } catch (CancelledError e) {
                        heard.complete(e.getMessage());
                        throw e;
                    }
                });
                await(toThread(() -> running.await()));
                future.cancel("stop it");
                assertThatThrownBy(() -> await(future))
                        .isInstanceOf(CancelledError.class)
                        .hasMessage("stop it");
                assertThat(await(heard)).isEqualTo("stop it");
            });
        }
    }

    @Test
    void checkCancelledIsHarmlessElsewhere() throws Exception {
        Offload.checkCancelled();
        Offload.progress(1);
        run(() -> {
            Offload.checkCancelled();
            await(toThread(() -> {
                Offload.checkCancelled();
                Offload.progress("without a listener");
            }));
        });
    }

    @Test
    void progressComesInOrderAndBeforeTheEnd() throws Exception {
        List<Object> seen = new ArrayList<>();
        run(() -> {
            String result = await(toThread(OnCancel.INTERRUPT.onProgress(seen::add), () -> {
                for (int i = 0; i < 100; i++) {
                    Offload.progress(i);
                }
                return "done";
            }));
            assertThat(result).isEqualTo("done");
            assertThat(seen).hasSize(100).startsWith(0, 1, 2).endsWith(99);
        });
    }

    @Test
    void progressIsReportedOnTheLoopInTheCallersContext() throws Exception {
        var user = new ContextVar<>("user", "nobody");
        run(() -> {
            EventLoop loop = EventLoop.current();
            user.set("ada");
            await(toThread(
                    OnCancel.WAIT.onProgress(value -> {
                        assertThat(EventLoop.current()).isSameAs(loop);
                        events.add(value + " " + user.get());
                    }),
                    () -> Offload.progress("half")));
        });
        assertThat(events).containsExactly("half ada");
    }

    @Test
    void noProgressIsReportedAfterTheCancellation() throws Exception {
        run(() -> {
            Future<Void> future = toThread(OnCancel.ABANDON.onProgress(value -> events.add("heard " + value)), () -> {
                Offload.progress(1);
                started.countDown();
                mayEnd.await();
                Offload.progress(2);
            });
            await(toThread(() -> started.await()));
            yieldNow();
            future.cancel();
            mayEnd.countDown();
            sleep(Duration.ofMillis(20));
        });
        assertThat(events).containsExactly("heard 1");
    }

    @Test
    void aRemoteFutureObeysThePolicyToo() throws Exception {
        for (OnCancel policy : OnCancel.values()) {
            var remote = new TestRemoteExecutor();
            run(() -> {
                Future<Integer> future = EventLoop.current().runInExecutor(remote, policy, () -> 1);
                future.cancel("enough");
                assertThat(remote.last.isCancelled()).isEqualTo(policy == OnCancel.INTERRUPT);
                assertThat(future.done()).isEqualTo(policy != OnCancel.WAIT);
                remote.complete(1);
                assertThatThrownBy(() -> await(future))
                        .isInstanceOf(CancelledError.class)
                        .hasMessage("enough");
            });
        }
    }

    @Test
    void remoteFunctionReportsNoProgressAfterTheCancellation() throws Exception {
        for (OnCancel policy : OnCancel.values()) {
            List<Object> heard = new ArrayList<>();
            var remote = new TestRemoteExecutor();
            run(() -> {
                Future<Integer> future =
                        EventLoop.current().runInExecutor(remote, policy.onProgress(heard::add), () -> 1);
                remote.listener.accept("before");
                while (heard.isEmpty()) {
                    yieldNow();
                }
                remote.listener.accept("too late to be heard");
                future.cancel();
                sleep(Duration.ofMillis(1));
                remote.complete(1);
                assertThatThrownBy(() -> await(future)).isInstanceOf(CancelledError.class);
            });
            assertThat(heard).containsExactly("before");
        }
    }

    @Test
    void aFunctionThatOutlivesItsLoopStillEndsItsFuture() throws Exception {
        var pool = java.util.concurrent.Executors.newSingleThreadExecutor();
        Future<String> future = run(() -> EventLoop.current().runInExecutor(pool, this::function));
        CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> {
            while (!future.done()) {
                Thread.onSpinWait();
            }
            try {
                return future.result();
            } catch (Exception e) {
                throw Sneaky.rethrow(e);
            }
        });
        mayEnd.countDown();
        assertThat(waiting.get(10, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo("result");
        pool.shutdown();
    }

    /** An abandoned function keeps its thread until it ends; nothing else does. */
    @Test
    void anAbandonedFunctionKeepsItsThreadUntilItEnds() throws Exception {
        var slot = new Semaphore(0);
        run(() -> {
            var limiter = new CapacityLimiter(1);
            EventLoop loop = EventLoop.current();
            Future<Void> first = loop.runInExecutor(limiter, OnCancel.ABANDON, () -> {
                started.countDown();
                slot.acquire();
            });
            await(toThread(() -> started.await()));
            first.cancel();
            Future<String> second = loop.runInExecutor(limiter, () -> "second");
            sleep(Duration.ofMillis(20));
            assertThat(second.done()).isFalse();
            assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(1, 1, 1));
            slot.release();
            assertThat(await(second)).isEqualTo("second");
            assertThat(limiter.statistics()).isEqualTo(new CapacityLimiter.Statistics(1, 0, 0));
        });
    }
}
