package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.run;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.testkit.LoopTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AwaitTest {

    @LoopTest
    void blockingOnAFutureOfTheSameLoopIsAnErrorInsteadOfADeadlock() throws Exception {
        EventLoop loop = EventLoop.current();
        Future<Integer> pending = Async.toThread(() -> {
            Thread.sleep(20);
            return 1;
        });
        assertThatThrownBy(() -> pending.toCompletableFuture().get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("await");
        assertThatThrownBy(() -> pending.toCompletableFuture().join()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> loop.runCoroutineThreadsafe(() -> 1).get()).isInstanceOf(IllegalStateException.class);
        await(pending);
        assertThat(pending.toCompletableFuture().get()).as("it is done").isEqualTo(1);
    }

    @Test
    void returnsTheResult() throws Exception {
        assertThat(run(() -> await(createTask(() -> "done")))).isEqualTo("done");
    }

    @Test
    void aNullResultIsAResult() throws Exception {
        boolean isNull = run(() -> await(createTask(() -> (Object) null)) == null);
        assertThat(isNull).isTrue();
    }

    @Test
    void raisesTheVeryObjectThatWasThrown() throws Exception {
        var thrown = new java.security.GeneralSecurityException("no such key");
        run(() -> {
            Task<Object> failing = createTask(() -> {
                throw thrown;
            });
            assertThatThrownBy(() -> await(failing)).isSameAs(thrown);
        });
    }

    @Test
    void raisesErrorsToo() throws Exception {
        var thrown = new AssertionError("no");
        run(() -> assertThatThrownBy(() -> await(createTask(() -> {
                    throw thrown;
                })))
                .isSameAs(thrown));
    }

    @Test
    void somethingDoneIsNotWaitedFor() throws Exception {
        List<String> events = new ArrayList<>();
        run(() -> {
            Task<String> done = createTask(() -> "done");
            await(done);
            createTask(() -> events.add("other"));
            await(done);
            events.add("main");
            yieldNow();
        });
        assertThat(events).containsExactly("main", "other");
    }

    @Test
    void acceptsAForeignCompletableFuture() throws Exception {
        String result = run(() -> {
            var foreign = new CompletableFuture<String>().completeOnTimeout("late", 10, TimeUnit.MILLISECONDS);
            return await(foreign);
        });
        assertThat(result).isEqualTo("late");
    }

    @Test
    void takesTheWrappingOfAStageOff() throws Exception {
        var thrown = new IOException("disk");
        run(() -> {
            var wrapped = CompletableFuture.supplyAsync(() -> {
                throw new CompletionException(thrown);
            });
            assertThatThrownBy(() -> await(wrapped)).isSameAs(thrown);
            assertThatThrownBy(() -> await(CompletableFuture.failedFuture(thrown)))
                    .isSameAs(thrown);
        });
    }

    @LoopTest
    void aCancelledStageRaisesCancelledError() throws Exception {
        var foreign = new CompletableFuture<String>();
        foreign.cancel(false);
        assertThatThrownBy(() -> await(foreign)).isInstanceOf(CancelledError.class);
    }

    @Test
    void aFutureOfAnotherLoopCanBeAwaited() throws Exception {
        try (var other = Runner.create()) {
            var answer = new CompletableFuture<Future<String>>();
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    other.run(() -> {
                        Promise<String> promise = EventLoop.current().createFuture();
                        answer.complete(promise);
                        Async.sleep(java.time.Duration.ofMillis(20));
                        promise.setResult("from there");
                    });
                } catch (Exception e) {
                    answer.completeExceptionally(e);
                }
            });
            assertThat(run(() -> await(await(answer)))).isEqualTo("from there");
            thread.join();
        }
    }

    @Test
    void outsideOfALoopItSaysWhatToDo() {
        assertThatThrownBy(() -> await(CompletableFuture.completedFuture(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("No event loop")
                .hasMessageContaining("runCoroutineThreadsafe");
    }

    @LoopTest
    void inACallbackItSaysWhatToDo() throws Exception {
        Promise<Throwable> problem = EventLoop.current().createFuture();
        EventLoop.current().callSoon(() -> {
            try {
                await(problem);
            } catch (Exception e) {
                problem.setResult(e);
            }
        });
        assertThat(await(problem)).isInstanceOf(IllegalStateException.class).hasMessageContaining("createTask");
    }

    @LoopTest
    void onAThreadThatATaskStartedItIsOutsideOfTheLoop() throws Exception {
        Future<Integer> future = toThread(() -> 1);
        var seen = new CompletableFuture<Throwable>();
        Thread.startVirtualThread(() -> {
            try {
                await(future);
                seen.complete(new AssertionError("awaited"));
            } catch (Throwable t) {
                seen.complete(t);
            }
        });
        assertThat(await(seen)).isInstanceOf(IllegalStateException.class).hasMessageContaining("No event loop");
    }

    @LoopTest
    void aTaskThatAwaitsItselfGetsAnError() throws Exception {
        List<Task<Object>> self = new ArrayList<>();
        Task<Object> task = createTask(() -> await(self.getFirst()));
        self.add(task);
        assertThatThrownBy(() -> await(task))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("awaits itself");
    }
}
