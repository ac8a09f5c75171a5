package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.shield;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.timeout;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.LoopFuture;
import dev.offloop.internal.offload.ThreadPool;
import dev.offloop.internal.util.Sneaky;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What an attack on the loop has found, and what must stay mended: nothing hangs, nothing is lost. */
class RobustnessTest {

    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void anExceptionHandlerThatThrowsDoesNotEndTheLoop() throws Exception {
        run(() -> {
            EventLoop loop = EventLoop.current();
            loop.setExceptionHandler((_, context) -> {
                throw Sneaky.rethrow(context.exception());
            });
            loop.callSoon(() -> {
                throw new IllegalStateException("expected in the log of this test");
            });
            yieldNow();
            assertThat(await(toThread(() -> 1))).isEqualTo(1);
        });
    }

    @Test
    void aDoneFutureOfAClosedLoopCanBeAwaited() throws Exception {
        Future<Integer> done = run(() -> {
            Task<Integer> task = createTask(() -> 7);
            await(task);
            return task;
        });
        assertThat(run(() -> await(done))).isEqualTo(7);
    }

    @Test
    void aPendingFutureOfAClosedLoopIsCancelled() throws Exception {
        Future<Integer> pending = run(() -> EventLoop.current().<Integer>createFuture());
        run(() -> assertThatThrownBy(() -> await(pending)).isInstanceOf(CancelledError.class));
    }

    @Test
    void everyCoroutineHandedInWhileTheLoopClosesEnds() throws Exception {
        for (int round = 0; round < 50; round++) {
            List<CompletableFuture<Void>> handedIn = new ArrayList<>();
            var ended = new CountDownLatch(1);
            EventLoop[] loop = new EventLoop[1];
            Thread submitter;
            try (var runner = Runner.create()) {
                loop[0] = runner.loop();
                submitter = Thread.ofPlatform().start(() -> {
                    try {
                        while (true) {
                            handedIn.add(loop[0].runCoroutineThreadsafe(() -> sleep(LONG)));
                            LockSupport.parkNanos(10_000);
                        }
                    } catch (IllegalStateException closed) {
                        ended.countDown();
                    }
                });
                runner.run(() -> sleep(Duration.ofMillis(1)));
            }
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
            submitter.join();
            for (CompletableFuture<Void> future : handedIn) {
                assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
            }
        }
    }

    @Test
    void aCallDroppedByAUsersDefaultExecutorFails() throws Exception {
        var mine = Executors.newSingleThreadExecutor();
        run(() -> {
            EventLoop.current().setDefaultExecutor(mine);
            var begun = new CompletableFuture<Boolean>();
            toThread(() -> {
                begun.complete(true);
                Thread.sleep(LONG);
            });
            Future<Integer> waiting = toThread(() -> 1);
            await(begun);
            mine.shutdownNow();
            assertThatThrownBy(() -> await(waiting)).isInstanceOf(RejectedExecutionException.class);
        });
    }

    @Test
    void aCallDroppedByTheEndOfTheDefaultExecutorFails() throws Exception {
        run(() -> {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i <= ThreadPool.defaultSize(); i++) {
                calls.add(toThread(() -> Thread.sleep(LONG)));
            }
            EventLoop.current().shutdownDefaultExecutor(Duration.ofMillis(50));
            assertThatThrownBy(() -> await(calls.getLast())).isInstanceOf(RejectedExecutionException.class);
            assertThatThrownBy(() -> await(calls.getFirst())).isInstanceOf(InterruptedException.class);
        });
    }

    @Test
    void nullsAreRefusedWhereTheyAreHandedIn() throws Exception {
        run(() -> {
            EventLoop loop = EventLoop.current();
            assertThatThrownBy(() -> loop.runInExecutor(null, (java.util.concurrent.Callable<Object>) null))
                    .isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> loop.createTask((Coroutine<Object>) null))
                    .isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> loop.callSoon(null)).isInstanceOf(NullPointerException.class);
        });
    }

    @Test
    void aCallbackThatAlwaysComesAgainDoesNotKeepTheLoopFromClosing() throws Exception {
        EventLoop loop = run(() -> {
            EventLoop current = EventLoop.current();
            Runnable[] again = new Runnable[1];
            again[0] = () -> current.callSoon(again[0]);
            current.callSoon(again[0]);
            return current;
        });
        assertThat(((Loop) loop).closed()).isTrue();
    }

    @Test
    void tasksThatAwaitEachOtherCanBeCancelled() throws Exception {
        run(() -> {
            List<Task<Object>> pair = new ArrayList<>();
            pair.add(createTask(() -> timeout(LONG, () -> await(pair.get(1)))));
            pair.add(createTask(() -> await(pair.get(0))));
            yieldNow();
            yieldNow();
            pair.getFirst().cancel("break up");
            assertThatThrownBy(() -> await(pair.get(0))).isInstanceOf(CancelledError.class);
            assertThatThrownBy(() -> await(pair.get(1))).isInstanceOf(CancelledError.class);
        });
    }

    @Test
    void aLongChainOfAwaitsCanBeCancelled() throws Exception {
        run(() -> {
            Task<Void> innermost = createTask(() -> sleep(LONG));
            Task<Void> outermost = innermost;
            for (int i = 0; i < 50_000; i++) {
                Task<Void> inner = outermost;
                outermost = createTask(() -> await(inner));
            }
            Task<Void> whole = outermost;
            yieldNow();
            whole.cancel();
            assertThatThrownBy(() -> await(whole)).isInstanceOf(CancelledError.class);
            assertThat(innermost.cancelled()).isTrue();
        });
    }

    @Test
    void longestTimeoutNeverExpires() throws Exception {
        run(() -> {
            await(toThread(() -> 1));
            await(EventLoop.current().shutdownDefaultExecutor(ChronoUnit.FOREVER.getDuration()));
        });
        try (var runner =
                Runner.builder().closeTimeout(ChronoUnit.FOREVER.getDuration()).build()) {
            assertThat(runner.run(() -> 1)).isEqualTo(1);
        }
    }

    @Test
    void aSecondThreadOnTheSameRunnerIsTurnedAway() throws Exception {
        try (var runner = Runner.create()) {
            runner.run(() -> {
                Throwable problem = await(toThread(() -> {
                    try {
                        runner.run(() -> 1);
                        return new AssertionError("it ran");
                    } catch (IllegalStateException e) {
                        return e;
                    }
                }));
                assertThat(problem).hasMessageContaining("runCoroutineThreadsafe");
            });
        }
    }

    @Test
    void aLongLivedFutureForgetsThoseThatShieldedAndGatheredIt() throws Exception {
        run(() -> {
            EventLoop.current().setExceptionHandler((_, _) -> {}); // a thousand failures that are not retrieved
            Promise<Integer> longLived = EventLoop.current().createFuture();
            for (int i = 0; i < 1000; i++) {
                shield(longLived).cancel();
                Promise<Integer> failing = EventLoop.current().createFuture();
                Future<List<Integer>> all = gather(longLived, failing);
                failing.setException(new IllegalStateException());
                assertThat(all.done()).isTrue();
            }
            assertThat(((LoopFuture<Integer>) longLived).listenerCount()).isZero();
        });
    }

    @Test
    void anInterruptThatComesWhenTheMainTaskIsDoneDoesNotCutCleanUpShort() throws Exception {
        var cleanedUp = new CompletableFuture<Boolean>();
        var flag = new CompletableFuture<Boolean>();
        Thread caller = Thread.ofPlatform().start(() -> {
            try {
                Thread me = Thread.currentThread();
                run(() -> {
                    createTask(() -> {
                        try {
                            sleep(LONG);
                        } finally {
                            sleep(Duration.ofMillis(50));
                            cleanedUp.complete(true);
                        }
                    });
                    yieldNow();
                    me.interrupt();
                    Task.current().uncancel();
                    try {
                        sleep(Duration.ofMillis(20));
                    } catch (CancelledError e) {
                        // it ends in its own way
                    }
                    return 1;
                });
            } catch (Exception e) {
                cleanedUp.completeExceptionally(e);
            }
            flag.complete(Thread.currentThread().isInterrupted());
        });
        caller.join();
        assertThat(cleanedUp).isCompletedWithValue(true);
        assertThat(flag).isCompletedWithValue(true);
    }

    @Test
    void anExecutorThatRunsACallTwiceRunsItsFunctionOnce() throws Exception {
        run(() -> {
            int[] count = {0};
            Future<Integer> call = EventLoop.current()
                    .runInExecutor(
                            job -> {
                                job.run();
                                job.run();
                            },
                            () -> ++count[0]);
            assertThat(await(call)).isEqualTo(1);
            assertThat(count[0]).isEqualTo(1);
        });
    }

    @Test
    void failureThatIsNotRetrievedIsReportedAtTheEnd() throws Exception {
        List<ErrorContext> reports = new ArrayList<>();
        var forgotten = new IllegalStateException("forgotten");
        run(() -> {
            EventLoop.current().setExceptionHandler((_, context) -> reports.add(context));
            Task<Object> seen = createTask("seen", () -> {
                throw new IllegalStateException("seen");
            });
            createTask("unseen", () -> {
                throw forgotten;
            });
            assertThatThrownBy(() -> await(seen)).hasMessage("seen");
            yieldNow();
        });
        assertThat(reports).singleElement().satisfies(report -> {
            assertThat(report.exception()).isSameAs(forgotten);
            assertThat(report.message()).contains("task unseen").contains("never retrieved");
        });
    }

    @Test
    void theFirstFailureOfAGatherSpeaksForAll() throws Exception {
        List<ErrorContext> reports = new ArrayList<>();
        run(() -> {
            EventLoop.current().setExceptionHandler((_, context) -> reports.add(context));
            Coroutine<Object> failing = () -> {
                throw new IllegalStateException("no");
            };
            assertThatThrownBy(() -> await(gather(createTask(failing), createTask(failing), createTask(failing))))
                    .hasMessage("no");
            yieldNow();
        });
        assertThat(reports).isEmpty();
    }

    @Test
    void failureThatCannotBeRetrievedAnyMoreIsReportedSoon() throws Exception {
        List<ErrorContext> reports = new ArrayList<>();
        run(() -> {
            EventLoop.current().setExceptionHandler((_, context) -> reports.add(context));
            toThread(() -> {
                throw new IllegalStateException("forgotten");
            });
            while (reports.isEmpty()) {
                System.gc();
                sleep(Duration.ofMillis(5));
            }
            assertThat(reports.getFirst().message()).contains("offloaded function");
        });
        assertThat(reports).hasSize(1);
    }

    @Test
    void whatRunThrowsShowsWhoCalledIt() {
        assertThatThrownBy(() -> run(() -> {
                    throw new IllegalStateException("no");
                }))
                .satisfies(thrown -> assertThat(thrown.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("whatRunThrowsShowsWhoCalledIt")));
    }

    @Test
    void aCircleThroughAGatherCanBeCancelled() throws Exception {
        run(() -> {
            List<Task<Object>> tasks = new ArrayList<>();
            tasks.add(createTask(() -> timeout(LONG, () -> await(gather(tasks.get(1))))));
            tasks.add(createTask(() -> await(tasks.get(0))));
            yieldNow();
            yieldNow();
            tasks.getFirst().cancel();
            assertThatThrownBy(() -> await(tasks.get(0))).isInstanceOf(CancelledError.class);
            assertThatThrownBy(() -> await(tasks.get(1))).isInstanceOf(CancelledError.class);
        });
    }

    @Test
    void aLongChainOfGathersCanBeCancelled() throws Exception {
        run(() -> {
            Task<?> innermost = createTask(() -> sleep(LONG));
            Task<?> outermost = innermost;
            for (int i = 0; i < 20_000; i++) {
                Task<?> inner = outermost;
                outermost = createTask(() -> await(gather(inner)));
            }
            Task<?> whole = outermost;
            yieldNow();
            whole.cancel();
            assertThatThrownBy(() -> await(whole)).isInstanceOf(CancelledError.class);
            assertThat(innermost.cancelled()).isTrue();
        });
    }

    @Test
    void twoThatAwaitTheSameTaskBothGetItsResultWhenItWillNotBeCancelled() throws Exception {
        run(() -> {
            Task<Integer> stubborn = createTask(() -> {
                try {
                    sleep(LONG);
                } catch (CancelledError e) {
                    yieldNow();
                }
                return 42;
            });
            Task<Integer> one = createTask(() -> await(stubborn));
            Task<Integer> two = createTask(() -> await(stubborn));
            Task<List<Integer>> both = createTask(() -> await(gather(one, two)));
            yieldNow();
            yieldNow();
            both.cancel();
            assertThatThrownBy(() -> await(both)).isInstanceOf(CancelledError.class);
            assertThat(one.result() + two.result()).isEqualTo(84);
        });
    }

    @Test
    void closeFromAnotherThreadEndsTheRunAndItsTasks() throws Exception {
        var cleanedUp = new CompletableFuture<Boolean>();
        var started = new CountDownLatch(1);
        var runner = Runner.create();
        var ended = new CompletableFuture<Throwable>();
        Thread.ofPlatform().start(() -> {
            try {
                runner.run(() -> {
                    started.countDown();
                    try {
                        sleep(LONG);
                    } finally {
                        cleanedUp.complete(true);
                    }
                });
            } catch (Throwable t) {
                ended.complete(t);
            }
        });
        started.await();
        runner.close();
        assertThat(cleanedUp).isCompletedWithValue(true);
        assertThat(ended.get(10, TimeUnit.SECONDS)).isInstanceOf(CancelledError.class);
        assertThat(((Loop) runner.loop()).closed()).isTrue();
    }

    @Test
    void closingInNoTimeStillCancelsTheTasks() throws Exception {
        var cancelled = new CompletableFuture<Boolean>();
        try (var runner = Runner.builder().closeTimeout(Duration.ZERO).build()) {
            runner.run(() -> {
                createTask(() -> {
                    try {
                        sleep(LONG);
                    } finally {
                        cancelled.complete(true);
                    }
                });
                yieldNow();
            });
        }
        assertThat(cancelled).isCompletedWithValue(true);
    }

    @Test
    void fortyThousandFailuresAreGatheredInNoTimeToSpeakOf() throws Exception {
        run(() -> {
            List<Promise<Integer>> promises = new ArrayList<>();
            for (int i = 0; i < 40_000; i++) {
                promises.add(EventLoop.current().createFuture());
            }
            Future<List<Outcome<Integer>>> all = Async.gatherOutcomes(promises);
            promises.forEach(promise -> promise.setException(new IllegalStateException()));
            assertThat(await(all)).hasSize(40_000);
        });
    }
}
