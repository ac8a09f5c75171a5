package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RunTest {

    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void throwsWhatTheCoroutineThrew() {
        var thrown = new IOException("disk");
        assertThatThrownBy(() -> run(() -> {
                    throw thrown;
                }))
                .isSameAs(thrown);
    }

    @Test
    void nestedIsAnErrorThatNamesTheOtherWay() throws Exception {
        run(() -> assertThatThrownBy(() -> run(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("createTask"));
    }

    @Test
    void onAThreadOfATaskIsALoopOfItsOwn() throws Exception {
        assertThat(run(() -> await(toThread(() -> run(() -> await(createTask(() -> 7)))))))
                .isEqualTo(7);
    }

    @Test
    void canBeCalledFromAVirtualThread() throws Exception {
        var result = new CompletableFuture<Integer>();
        Thread.startVirtualThread(() -> {
            try {
                result.complete(run(() -> await(toThread(() -> 3))));
            } catch (Throwable t) {
                result.completeExceptionally(t);
            }
        });
        assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo(3);
    }

    @Test
    void cancelsTheTasksThatAreLeftAndAwaitsThem() throws Exception {
        List<String> events = new ArrayList<>();
        run(() -> {
            createTask(() -> {
                try {
                    sleep(LONG);
                } finally {
                    yieldNow();
                    events.add("cleaned up");
                }
            });
            yieldNow();
        });
        assertThat(events).containsExactly("cleaned up");
    }

    @Test
    void lettingAnOffloadedFunctionFinish() throws Exception {
        var finished = new CompletableFuture<String>();
        run(() -> {
            toThread(() -> {
                Thread.sleep(50);
                finished.complete("finished");
            });
        });
        assertThat(finished).isCompletedWithValue("finished");
    }

    @Test
    void waitsABoundedTimeForATaskThatDoesNotEnd() throws Exception {
        try (var runner = Runner.builder().closeTimeout(Duration.ofMillis(100)).build()) {
            runner.run(() -> {
                createTask("stubborn", () -> {
                    while (true) {
                        try {
                            sleep(LONG);
                        } catch (CancelledError e) {
                            // never mind
                        }
                    }
                });
                yieldNow();
            });
        }
    }

    @Test
    void waitsABoundedTimeForAFunctionThatDoesNotEnd() throws Exception {
        var release = new CountDownLatch(1);
        try (var runner = Runner.builder().closeTimeout(Duration.ofMillis(100)).build()) {
            runner.run(() -> {
                var begun = new CompletableFuture<Boolean>();
                toThread(() -> {
                    begun.complete(true);
                    awaitUninterruptibly(release);
                });
                await(begun);
            });
        }
        release.countDown();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // not this one
            }
        }
    }

    @Test
    void anInterruptOfTheCallerCancelsTheCoroutine() throws Exception {
        var started = new CountDownLatch(1);
        var thrown = new CompletableFuture<Throwable>();
        List<String> events = new ArrayList<>();
        Thread caller = Thread.ofPlatform().start(() -> {
            try {
                run(() -> {
                    started.countDown();
                    try {
                        sleep(LONG);
                    } catch (CancelledError e) {
                        events.add("cancelled");
                        throw e;
                    }
                });
            } catch (Throwable t) {
                thrown.complete(t);
            }
        });
        started.await();
        caller.interrupt();
        assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        assertThat(events).containsExactly("cancelled");
    }

    @Test
    void runOnAnInterruptedThreadThrowsBeforeAnythingRuns() throws Exception {
        List<String> events = new ArrayList<>();
        try (var runner = Runner.create()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> runner.run(() -> events.add("runs"))).isInstanceOf(InterruptedException.class);
            assertThat(Thread.currentThread().isInterrupted()).as("interrupted").isFalse();
            assertThat(runner.run(() -> "the next one runs")).isEqualTo("the next one runs");
        }
        assertThat(events).isEmpty();
    }

    @Test
    void aRunnerRunsOneAfterAnotherOnTheSameLoop() throws Exception {
        try (var runner = Runner.create()) {
            EventLoop first = runner.run(EventLoop::current);
            List<Task<Integer>> left = new ArrayList<>();
            runner.run(() -> {
                left.add(createTask(() -> {
                    sleep(Duration.ofMillis(20));
                    return 5;
                }));
                yieldNow();
            });
            assertThat(runner.run(EventLoop::current)).isSameAs(first);
            assertThat(runner.run(() -> await(left.getFirst()))).isEqualTo(5);
        }
    }

    @Test
    void aClosedRunnerSaysSo() {
        var runner = Runner.create();
        runner.close();
        runner.close();
        assertThatThrownBy(() -> runner.run(() -> 1)).hasMessageContaining("closed");
    }

    @Test
    void noThreadOfOursIsLeft() throws Exception {
        run(() -> {
            await(toThread(() -> 1));
        });
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("offloop"))
                .allMatch(Thread::isDaemon);
    }

    @Test
    void aBlockingGetOfAMirrorOnAnotherThreadSeesTheFailure() throws Exception {
        var thrown = new IOException("disk");
        run(() -> {
            Task<Integer> failing = createTask(() -> {
                throw thrown;
            });
            CompletableFuture<Integer> mirror = failing.toCompletableFuture();
            Throwable seen = await(toThread(() -> {
                try {
                    return new AssertionError(mirror.get(10, TimeUnit.SECONDS));
                } catch (ExecutionException e) {
                    return e.getCause();
                }
            }));
            assertThat(seen).isSameAs(thrown);
        });
    }
}
