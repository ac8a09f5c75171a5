package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.internal.engine.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A loop that is a guest on the single thread of a host. */
class HostedLoopTest {

    private final ExecutorService host = Executors.newSingleThreadExecutor(task -> new Thread(task, "host"));
    private final EventLoop loop = EventLoop.on(host);

    @AfterEach
    void endHost() throws Exception {
        if (!host.isShutdown()) {
            loop.shutdown().get(10, TimeUnit.SECONDS);
        }
        host.shutdownNow();
    }

    private <T> T run(Coroutine<T> coroutine) throws Exception {
        return loop.runCoroutineThreadsafe(coroutine).get(20, TimeUnit.SECONDS);
    }

    @Test
    void runsTasksThatAwaitEverything() throws Exception {
        assertThat(run(() -> {
                    sleep(Duration.ofMillis(5));
                    yieldNow();
                    assertThat(EventLoop.current()).isSameAs(loop);
                    List<Integer> results = await(gather(toThread(() -> 1), createTask(() -> 2)));
                    return results;
                }))
                .containsExactly(1, 2);
    }

    @Test
    void callbacksRunOnTheHostsThread() throws Exception {
        assertThat(run(() ->
                        await(loop.callOnOwnThread(() -> Thread.currentThread().getName()))))
                .isEqualTo("host");
    }

    @Test
    void theHostsOwnWorkTakesTurnsWithTheTasksAndNeverRunsBesideThem() throws Exception {
        int[] counter = {0}; // a race would lose increments
        CompletableFuture<Void> tasks = loop.runCoroutineThreadsafe(() -> {
            for (int i = 0; i < 2_000; i++) {
                int seen = counter[0];
                Thread.onSpinWait();
                counter[0] = seen + 1;
                yieldNow();
            }
        });
        for (int i = 0; i < 2_000; i++) {
            host.execute(() -> {
                int seen = counter[0];
                Thread.onSpinWait();
                counter[0] = seen + 1;
            });
        }
        tasks.get(20, TimeUnit.SECONDS);
        assertThat(host.submit(() -> counter[0]).get()).isEqualTo(4_000);
    }

    @Test
    void aListenerOfTheHostMayStartTasks() throws Exception {
        run(() -> null); // the first turn has been taken
        var result = new CompletableFuture<String>();
        host.execute(() -> createTask(() -> result.complete(await(toThread(() -> "from a listener")))));
        assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo("from a listener");
    }

    @Test
    void aListenersTimerWakesTheHost() throws Exception {
        run(() -> null);
        var fired = new CompletableFuture<String>();
        host.execute(() -> EventLoop.current().callLater(Duration.ofMillis(10), () -> fired.complete("fired")));
        assertThat(fired.get(10, TimeUnit.SECONDS)).isEqualTo("fired");
    }

    @Test
    void anIdleLoopLeavesTheHostAlone() throws Exception {
        var handedIn = new AtomicInteger();
        loop.shutdown().get(10, TimeUnit.SECONDS); // one loop at a time on a thread
        EventLoop counted = EventLoop.on(task -> {
            handedIn.incrementAndGet();
            host.execute(task);
        });
        counted.runCoroutineThreadsafe(() -> sleep(Duration.ofMillis(1))).get(10, TimeUnit.SECONDS);
        int before;
        do { // until its last turns are over, which may take a while on a busy machine; a busy loop never gets there
            before = handedIn.get();
            Thread.sleep(100);
        } while (handedIn.get() != before);
        counted.shutdown().get(10, TimeUnit.SECONDS);
    }

    @Test
    void shutdownCancelsTheTasksAndWaitsForThem() throws Exception {
        List<String> events = Collections.synchronizedList(new ArrayList<>());
        var started = new CountDownLatch(1);
        CompletableFuture<Void> task = loop.runCoroutineThreadsafe(() -> {
            started.countDown();
            try {
                sleep(Duration.ofHours(1));
            } finally {
                yieldNow();
                events.add("cleaned up");
            }
        });
        started.await();
        CompletableFuture<Void> ended = loop.shutdown();
        loop.shutdown().get(10, TimeUnit.SECONDS);
        ended.get(10, TimeUnit.SECONDS);
        assertThat(events).containsExactly("cleaned up");
        assertThatThrownBy(task::get).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> loop.callSoonThreadsafe(() -> {})).hasMessageContaining("closed");
        host.submit(() -> assertThatThrownBy(EventLoop::current).isInstanceOf(IllegalStateException.class))
                .get();
    }

    @Test
    void canHaveOptions() throws Exception {
        loop.shutdown().get(10, TimeUnit.SECONDS);
        List<ErrorContext> reports = Collections.synchronizedList(new ArrayList<>());
        EventLoop other = Runner.builder()
                .debug(true)
                .exceptionHandler((_, context) -> reports.add(context))
                .on(host);
        assertThat(other.debug()).isTrue();
        other.callSoonThreadsafe(() -> {
            throw new IllegalStateException("boom");
        });
        other.shutdown().get(10, TimeUnit.SECONDS);
        assertThat(reports)
                .singleElement()
                .satisfies(report -> assertThat(report.exception()).hasMessage("boom"));
        assertThatThrownBy(() -> Runner.builder().clock(new VirtualClock()).on(host))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aLoopOfARunnerIsShutDownByTheRunner() throws Exception {
        Async.run(() -> assertThatThrownBy(() -> EventLoop.current().shutdown())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Runner"));
    }

    @Test
    void hostThatShutsDownEndsTheLoopAndCancelsItsTasks() throws Exception {
        var started = new CountDownLatch(1);
        CompletableFuture<Void> task = loop.runCoroutineThreadsafe(() -> {
            started.countDown();
            while (true) { // it needs the host again and again, and does not end by itself
                sleep(Duration.ofMillis(50));
            }
        });
        started.await();
        host.shutdown();
        assertThatThrownBy(() -> task.get(10, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> loop.callSoonThreadsafe(() -> {})).isInstanceOf(IllegalStateException.class);
        loop.shutdown().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aHostThatIsClosedAlreadyEndsTheLoopAtOnce() throws Exception {
        host.shutdown();
        host.awaitTermination(10, TimeUnit.SECONDS);
        EventLoop late = EventLoop.on(host);
        assertThatThrownBy(() -> late.runCoroutineThreadsafe(() -> 1)).isInstanceOf(IllegalStateException.class);
        late.shutdown().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aHostMayReplaceItsThread() throws Exception {
        for (int i = 0; i < 20; i++) {
            host.execute(() -> {
                throw new IllegalStateException("expected: a listener of the host fails, and its thread with it");
            });
            int n = i;
            assertThat(run(() -> {
                        yieldNow();
                        return n;
                    }))
                    .isEqualTo(i);
        }
    }

    @Test
    void aLoopThatWasShutDownStaysSo() throws Exception {
        CompletableFuture<Void> late = loop.runCoroutineThreadsafe(() -> {
            loop.callLater(Duration.ofMillis(100), () -> {});
        });
        late.get(10, TimeUnit.SECONDS);
        loop.shutdown().get(10, TimeUnit.SECONDS);
        Thread.sleep(200);
        assertThat(((Loop) loop).closed()).isTrue();
        assertThatThrownBy(() -> loop.callSoonThreadsafe(() -> {})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aTurnThatTheHostDropsEndsTheLoop() throws Exception {
        var begun = new CountDownLatch(1);
        var busy = new CountDownLatch(1);
        run(() -> null);
        host.execute(() -> {
            begun.countDown();
            awaitQuietly(busy);
        });
        begun.await(); // no turn is under way that could still run the task
        CompletableFuture<Integer> task = loop.runCoroutineThreadsafe(() -> 1);
        host.shutdownNow();
        busy.countDown();
        assertThatThrownBy(() -> task.get(10, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        loop.shutdown().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aListenerOfAFutureDoesNotKeepAnAbandonedLoopFromEnding() throws Exception {
        var started = new CountDownLatch(2);
        List<CompletableFuture<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            tasks.add(loop.runCoroutineThreadsafe(() -> {
                Task<Void> child = createTask(() -> sleep(Duration.ofHours(1)));
                child.addDoneCallback(_ -> {});
                started.countDown();
                await(child);
            }));
        }
        started.await();
        host.shutdown();
        try {
            loop.callSoonThreadsafe(() -> {});
        } catch (IllegalStateException closed) {
            // the loop has found out before
        }
        for (CompletableFuture<Void> task : tasks) {
            assertThatThrownBy(() -> task.get(10, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        }
        loop.shutdown().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aModalDialogThatPumpsEventsMayWaitForATask() throws Exception {
        var events = new java.util.concurrent.LinkedBlockingQueue<Runnable>();
        EventLoop dialogs = EventLoop.on(events::add);
        Thread ui = Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    events.take().run();
                }
            } catch (InterruptedException end) {
                // the test is over
            }
        });
        CompletableFuture<String> closed = dialogs.runCoroutineThreadsafe(() -> {
            Future<String> answer = toThread(() -> {
                Thread.sleep(50);
                return "closed";
            });
            return await(dialogs.callOnOwnThread(() -> {
                while (!answer.done()) {
                    events.take().run(); // what a modal dialog does
                }
                return answer.result();
            }));
        });
        assertThat(closed.get(10, TimeUnit.SECONDS)).isEqualTo("closed");
        dialogs.shutdown().get(10, TimeUnit.SECONDS);
        ui.interrupt();
    }

    @Test
    void anAbandonedLoopIsNoLongerTheCurrentOneAndMayHaveASuccessor() throws Exception {
        var full = new java.util.concurrent.atomic.AtomicBoolean();
        var events = new java.util.concurrent.LinkedBlockingQueue<Runnable>();
        java.util.concurrent.Executor moody = task -> {
            if (full.get()) {
                throw new java.util.concurrent.RejectedExecutionException("full");
            }
            events.add(task);
        };
        Thread ui = Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    events.take().run();
                }
            } catch (InterruptedException end) {
                // the test is over
            }
        });
        EventLoop first = EventLoop.on(moody);
        first.runCoroutineThreadsafe(() -> 1).get(10, TimeUnit.SECONDS);
        full.set(true);
        while (!((Loop) first).closed()) {
            try {
                first.callSoonThreadsafe(() -> {});
            } catch (IllegalStateException closed) {
                // as it should be
            }
        }
        full.set(false);
        var seen = new CompletableFuture<Boolean>();
        events.add(() -> seen.complete(Loop.currentOrNull() == null));
        assertThat(seen.get(10, TimeUnit.SECONDS)).isTrue();
        EventLoop second = EventLoop.on(moody);
        assertThat(second.runCoroutineThreadsafe(() -> 2).get(10, TimeUnit.SECONDS))
                .isEqualTo(2);
        second.shutdown().get(10, TimeUnit.SECONDS);
        ui.interrupt();
    }

    @Test
    void anExecutorThatRunsTwoTurnsAtOnceIsRefused() throws Exception {
        List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
        EventLoop wild = EventLoop.on(task -> {
            Thread turn = Thread.ofPlatform().unstarted(task);
            threads.add(turn);
            turn.start();
        });
        CompletableFuture<Void> task = wild.runCoroutineThreadsafe(() -> {
            wild.callSoon(() -> {}); // asks for another turn while this one is under way
            threads.getLast().join(); // that turn, which is refused; the next one may begin after this one's end
            sleep(Duration.ofHours(1));
        });
        assertThatThrownBy(() -> task.get(10, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        for (Thread thread : List.copyOf(threads)) {
            thread.join();
        }
    }

    @Test
    void twoLoopsCannotShareAThread() throws Exception {
        run(() -> null);
        EventLoop second = EventLoop.on(host);
        assertThatThrownBy(() -> second.runCoroutineThreadsafe(() -> 1).get(10, TimeUnit.SECONDS))
                .isInstanceOfAny(CancellationException.class, IllegalStateException.class);
        assertThat(run(() -> 1)).isEqualTo(1);
    }

    @Test
    void aTaskThatFailsDoesSoWhereItIsAwaited() {
        assertThatThrownBy(() -> run(() -> {
                    throw new IllegalStateException("x");
                }))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("x");
    }

    @Test
    void aThousandThreadsMayPostAtOnce() throws Exception {
        var count = new AtomicInteger();
        var all = new CountDownLatch(20_000);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                for (int n = 0; n < 1_000; n++) {
                    loop.callSoonThreadsafe(() -> {
                        count.incrementAndGet();
                        all.countDown();
                    });
                }
            }));
        }
        assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(count).hasValue(20_000);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
