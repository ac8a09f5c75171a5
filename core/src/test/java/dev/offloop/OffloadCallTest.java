package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.taskGroup;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.internal.offload.ThreadPool;
import dev.offloop.testkit.LoopTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** From a thread to the loop and back. */
class OffloadCallTest {

    private static final Duration LONG = Duration.ofHours(1);

    @LoopTest
    void runsACoroutineOnTheLoopAndReturnsItsResult() throws Exception {
        EventLoop loop = EventLoop.current();
        int result = await(toThread(() -> Offload.call(() -> {
            assertThat(EventLoop.current()).isSameAs(loop);
            yieldNow();
            return 42;
        })));
        assertThat(result).isEqualTo(42);
    }

    @Test
    void raisesWhatTheCoroutineThrows() throws Exception {
        var thrown = new IOException("from the loop");
        run(() -> {
            assertThatThrownBy(() -> await(toThread(() -> Offload.call(() -> {
                        throw thrown;
                    }))))
                    .isSameAs(thrown);
        });
    }

    @LoopTest
    void onTheLoopItselfIsAnErrorInsteadOfADeadlock() throws Exception {
        assertThatThrownBy(() -> Offload.call(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("await");
        Future<Integer> inExecute = EventLoop.current().runInExecutor(Runnable::run, () -> Offload.call(() -> 1));
        assertThatThrownBy(() -> await(inExecute)).isInstanceOf(IllegalStateException.class);
    }

    @LoopTest
    void whatNeedsTheLoopSaysThatThisIsTheWayToIt() throws Exception {
        assertThatThrownBy(() -> await(toThread(() -> createTask(() -> 1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Offload.call");
    }

    @Test
    void onAForeignThreadSaysWhatToCallInstead() {
        assertThatThrownBy(() -> Offload.call(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("runCoroutineThreadsafe");
    }

    @Test
    void theCoroutineSeesTheContextOfTheFunction() throws Exception {
        var user = new ContextVar<>("user", "nobody");
        run(() -> {
            user.set("ada");
            assertThat(await(toThread(() -> Offload.call(user::get)))).isEqualTo("ada");
        });
    }

    @Test
    void cancellingTheFunctionCancelsTheCoroutine() throws Exception {
        for (OnCancel policy : List.of(OnCancel.ABANDON, OnCancel.WAIT)) {
            var inside = new CountDownLatch(1);
            var raised = new CompletableFuture<Throwable>();
            List<String> events = new ArrayList<>();
            run(() -> {
                Future<Void> function = toThread(policy, () -> {
                    try {
                        Offload.call(() -> {
                            inside.countDown();
                            try {
                                sleep(LONG);
                            } catch (CancelledError e) {
                                events.add("cancelled");
                                throw e;
                            }
                        });
                    } catch (Throwable t) {
                        raised.complete(t);
                        throw t;
                    }
                });
                await(toThread(() -> inside.await()));
                function.cancel("enough");
                assertThatThrownBy(() -> await(function))
                        .isInstanceOf(CancelledError.class)
                        .hasMessage("enough");
                assertThat(await(raised)).isInstanceOf(CancelledError.class);
            });
            assertThat(events).containsExactly("cancelled");
        }
    }

    @Test
    void anInterruptOfTheThreadCancelsTheCoroutine() throws Exception {
        var inside = new CountDownLatch(1);
        var raised = new CompletableFuture<Throwable>();
        var ended = new CompletableFuture<String>();
        run(() -> {
            Future<Void> function = toThread(OnCancel.INTERRUPT, () -> {
                try {
                    Offload.call(() -> {
                        inside.countDown();
                        try {
                            sleep(LONG);
                        } finally {
                            ended.complete("ended");
                        }
                    });
                } catch (Throwable t) {
                    raised.complete(t);
                    throw t;
                }
            });
            await(toThread(() -> inside.await()));
            function.cancel("enough");
            assertThat(await(raised)).isInstanceOf(CancelledError.class).hasMessage("enough");
            assertThat(ended).as("it waited for the coroutine").isDone();
        });
    }

    @Test
    void aFunctionThatIsCancelledAlreadyCannotCallBack() throws Exception {
        var cancelled = new CountDownLatch(1);
        var started = new CountDownLatch(1);
        var raised = new CompletableFuture<Throwable>();
        run(() -> {
            Future<Void> function = toThread(OnCancel.ABANDON, () -> {
                started.countDown();
                cancelled.await();
                try {
                    Offload.call(() -> {});
                } catch (Throwable t) {
                    raised.complete(t);
                }
            });
            await(toThread(() -> started.await()));
            function.cancel("gone");
            cancelled.countDown();
            assertThat(await(raised)).isInstanceOf(CancelledError.class).hasMessage("gone");
        });
    }

    @Test
    void aFunctionThatOutlivesItsLoopGetsAnError() throws Exception {
        var closed = new CountDownLatch(1);
        var raised = new CompletableFuture<Throwable>();
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) { // which no loop waits for
            run(() -> {
                var _ = EventLoop.current().runInExecutor(pool, OnCancel.ABANDON, () -> {
                    closed.await();
                    try {
                        Offload.call(() -> {});
                    } catch (Throwable t) {
                        raised.complete(t);
                    }
                });
            });
            closed.countDown();
            assertThat(raised.get())
                    .isInstanceOfAny(IllegalStateException.class, CancelledError.class)
                    .hasMessageContaining("clos");
        }
    }

    @LoopTest
    void theMessageOfACancelledCoroutineIsKept() throws Exception {
        Future<Object> function = toThread(() -> Offload.call(() -> {
            throw new CancelledError("its own");
        }));
        assertThatThrownBy(() -> await(function))
                .isInstanceOf(CancelledError.class)
                .hasMessage("its own");
    }

    // ---- nesting

    @LoopTest(realTime = true)
    void aWaitThatHasATimeOutIsLeftToIt() throws Exception {
        var limiter = new CapacityLimiter(1);
        EventLoop loop = EventLoop.current();
        Future<Void> outer = loop.runInExecutor(
                limiter,
                () -> Offload.call(() -> {
                    Future<Integer> inner = loop.runInExecutor(limiter, () -> 1);
                    assertThatThrownBy(() -> Async.timeout(Duration.ofMillis(600), () -> await(inner)))
                            .isInstanceOf(java.util.concurrent.TimeoutException.class);
                    Future<Integer> another = loop.runInExecutor(limiter, () -> 1);
                    assertThat(Async.waitOn(List.of(another), ReturnWhen.ALL_COMPLETED, Duration.ofMillis(600))
                                    .pending())
                            .hasSize(1);
                }));
        await(outer);
    }

    @Test
    void aLongChainOfTasksIsNoStackOverflow() throws Exception {
        List<ErrorContext> reports = new ArrayList<>();
        try (var runner = Runner.builder()
                .exceptionHandler((_, context) -> reports.add(context))
                .build()) {
            runner.run(() -> await(toThread(() -> Offload.call(() -> await(chain(2_000))))));
        }
        assertThat(reports).isEmpty();
    }

    private static Task<Void> chain(int length) {
        return createTask(() -> {
            if (length == 0) {
                sleep(Duration.ofMillis(600));
            } else {
                await(chain(length - 1));
            }
        });
    }

    @LoopTest
    void nestingWithinTheLimitWorks() throws Exception {
        var limiter = new CapacityLimiter(2);
        EventLoop loop = EventLoop.current();
        String result = await(loop.runInExecutor(
                limiter, () -> "outer " + Offload.call(() -> await(loop.runInExecutor(limiter, () -> "inner")))));
        assertThat(result).isEqualTo("outer inner");
    }

    @LoopTest
    void functionsThatWaitForTheirOwnPlacesGetAnError() throws Exception {
        var limiter = new CapacityLimiter(1);
        EventLoop loop = EventLoop.current();
        Future<String> outer = loop.runInExecutor(
                limiter, () -> Offload.call(() -> await(loop.runInExecutor(limiter, () -> "inner"))));
        assertThatThrownBy(() -> await(outer))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("Deadlock")
                .hasMessageContaining("CapacityLimiter[limit=1");
        assertThat(limiter.statistics().running()).isZero();
    }

    @LoopTest
    void theyAreFoundThroughGathersGroupsAndTasks() throws Exception {
        var limiter = new CapacityLimiter(2);
        EventLoop loop = EventLoop.current();
        var bothInside = new CountDownLatch(2);
        Future<Void> first = loop.runInExecutor(limiter, () -> {
            bothInside.countDown();
            bothInside.await();
            Offload.call(() -> taskGroup(group -> {
                group.createTask(() -> await(gather(toThread(() -> 1), loop.runInExecutor(limiter, () -> 2))));
            }));
        });
        Future<Void> second = loop.runInExecutor(limiter, () -> {
            bothInside.countDown();
            bothInside.await();
            Offload.call(() -> {
                Task<Integer> inner = createTask(() -> await(loop.runInExecutor(limiter, () -> 3)));
                await(inner);
            });
        });
        List<Outcome<Void>> ends = await(Async.gatherOutcomes(first, second));
        assertThat(ends).anyMatch(end -> !end.succeeded() && end.exception() instanceof RejectedExecutionException);
        assertThat(ends).as("one error is enough for both to end").anyMatch(Outcome::succeeded);
    }

    @LoopTest
    void theDefaultExecutorIsNotFilledWithFunctionsThatWaitForIt() throws Exception {
        int threads = ThreadPool.defaultSize();
        var allInside = new CountDownLatch(threads);
        List<Future<Integer>> outers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            outers.add(toThread(() -> {
                allInside.countDown();
                allInside.await();
                return Offload.call(() -> await(toThread(() -> 1)));
            }));
        }
        List<Outcome<Integer>> ends = await(Async.gatherOutcomes(outers));
        assertThat(ends).anyMatch(end -> !end.succeeded());
        assertThat(ends).anyMatch(Outcome::succeeded);
    }

    @LoopTest(realTime = true)
    void aFunctionThatWillEndIsNotTakenForADeadlock() throws Exception {
        var limiter = new CapacityLimiter(2);
        EventLoop loop = EventLoop.current();
        Future<String> sleeper = loop.runInExecutor(limiter, () -> {
            Offload.call(() -> sleep(Duration.ofMillis(700)));
            return "slept";
        });
        Future<String> nested = loop.runInExecutor(
                limiter, () -> Offload.call(() -> await(loop.runInExecutor(limiter, () -> "nested"))));
        assertThat(await(gather(sleeper, nested))).containsExactly("slept", "nested");
    }
}
