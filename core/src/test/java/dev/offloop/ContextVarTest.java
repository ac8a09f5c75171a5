package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class ContextVarTest {

    private final ContextVar<String> user = new ContextVar<>("user");

    @Test
    void aVariableWithoutValueOrDefaultSaysItsName() {
        assertThatThrownBy(user::get).isInstanceOf(NoSuchElementException.class).hasMessageContaining("'user'");
        assertThat(user.isSet()).isFalse();
    }

    @Test
    void theDefaultCanBeNull() {
        assertThat(new ContextVar<String>("none", null).get()).isNull();
        assertThat(new ContextVar<>("nobody", "x").get()).isEqualTo("x");
    }

    @LoopTest
    void aTaskHasACopyOfItsCreatorsValues() throws Exception {
        user.set("ada");
        Task<String> task = createTask(() -> {
            String seen = user.get();
            user.set("bob");
            yieldNow();
            return seen + " then " + user.get();
        });
        user.set("eve");
        assertThat(await(task)).isEqualTo("ada then bob");
        assertThat(user.get()).isEqualTo("eve");
    }

    @LoopTest
    void tasksThatTakeTurnsKeepTheirOwn() throws Exception {
        List<Task<String>> tasks = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            tasks.add(createTask(() -> {
                user.set(name);
                yieldNow();
                return user.get();
            }));
        }
        assertThat(await(Async.gather(tasks))).containsExactly("a", "b", "c");
        assertThat(user.isSet()).isFalse();
    }

    @LoopTest
    void toThreadRunsInACopy() throws Exception {
        user.set("ada");
        assertThat(await(toThread(() -> {
                    String seen = user.get();
                    user.set("changed on the thread");
                    return seen;
                })))
                .isEqualTo("ada");
        assertThat(user.get()).isEqualTo("ada");
    }

    @Test
    void runInExecutorRunsInACopyToo() throws Exception {
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
            run(() -> {
                EventLoop loop = EventLoop.current();
                user.set("ada");
                assertThat(await(loop.runInExecutor(pool, user::get))).isEqualTo("ada");
                assertThat(await(loop.runInExecutor(Runnable::run, () -> {
                            user.set("inside");
                            return 1;
                        })))
                        .isEqualTo(1);
                assertThat(user.get()).isEqualTo("ada");
            });
            assertThat(pool.submit(user::isSet).get())
                    .as("left behind on the thread")
                    .isFalse();
        }
    }

    @Test
    void callbacksRunInACopy() throws Exception {
        List<String> seen = new ArrayList<>();
        run(() -> {
            EventLoop loop = EventLoop.current();
            user.set("ada");
            loop.callSoon(() -> {
                seen.add(user.get());
                user.set("callback");
            });
            loop.callLater(Duration.ofMillis(1), () -> seen.add(user.get()));
            user.set("eve");
            sleep(Duration.ofMillis(20));
            loop.callSoon(() -> seen.add(user.get()));
            yieldNow();
        });
        assertThat(seen).containsExactly("ada", "ada", "eve");
    }

    @LoopTest
    void runCoroutineThreadsafeTakesTheValuesOfTheThread() throws Exception {
        EventLoop loop = EventLoop.current();
        String seen = await(toThread(() -> {
            user.set("thread");
            return loop.runCoroutineThreadsafe(user::get).get();
        }));
        assertThat(seen).isEqualTo("thread");
    }

    @LoopTest
    void whereLastsAsLongAsItsBody() throws Exception {
        user.set("outer");
        String inner = user.where("inner", () -> {
            yieldNow();
            return user.get();
        });
        assertThat(inner).isEqualTo("inner");
        assertThatThrownBy(() -> user.where("failing", () -> {
                    throw new IllegalStateException("x");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(user.get()).isEqualTo("outer");
    }

    @Test
    void resetPutsBackWhatWasThere() {
        ContextVar.Token<String> first = user.set("1");
        ContextVar.Token<String> second = user.set("2");
        user.reset(second);
        assertThat(user.get()).isEqualTo("1");
        user.reset(first);
        assertThat(user.isSet()).isFalse();
    }

    @LoopTest
    void aTokenIsForOneUseInItsOwnTaskAndVariable() throws Exception {
        ContextVar.Token<String> token = user.set("x");
        var other = new ContextVar<String>("other");
        assertThatThrownBy(() -> other.reset(token))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'user'");
        assertThatThrownBy(() -> await(createTask(() -> user.reset(token))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another task");
        user.reset(token);
        assertThatThrownBy(() -> user.reset(token)).isInstanceOf(IllegalStateException.class);
    }

    @LoopTest
    void aForeignThreadLocalFollowsTheWork() throws Exception {
        EventLoop loop = EventLoop.current();
        List<String> seen = new ArrayList<>();
        TestPropagator.VALUE.set("trace-1");
        Task<String> task = createTask(() -> {
            yieldNow();
            return TestPropagator.VALUE.get();
        });
        Future<String> function = toThread(() -> TestPropagator.VALUE.get());
        loop.callSoon(() -> seen.add(TestPropagator.VALUE.get()));
        TestPropagator.VALUE.set("trace-2");
        assertThat(await(task)).isEqualTo("trace-1");
        assertThat(await(function)).isEqualTo("trace-1");
        assertThat(seen).containsExactly("trace-1");
        TestPropagator.VALUE.remove();
        assertThat(await(toThread(() -> TestPropagator.VALUE.get())))
                .as("left behind")
                .isNull();
    }

    @Test
    void aDoneCallbackRunsInTheContextOfTheOneWhoAddedIt() throws Exception {
        List<String> seen = new ArrayList<>();
        run(() -> {
            Promise<Integer> promise = EventLoop.current().createFuture();
            user.set("ada");
            promise.addDoneCallback(_ -> seen.add(user.get()));
            promise.thenAccept(_ -> seen.add(user.get()));
            user.set("eve");
            promise.setResult(1);
            sleep(Duration.ofMillis(10));
        });
        assertThat(seen).containsExactly("ada", "ada");
    }

    @LoopTest
    void aForeignThreadLocalThatWasNotSetIsNotInheritedFromTheThreadsLastWork() throws Exception {
        await(toThread(() -> TestPropagator.VALUE.set("left behind")));
        assertThat(await(toThread(() -> TestPropagator.VALUE.get()))).isNull();
    }

    @LoopTest
    void propagatorThatFailsDoesNoHarm() throws Exception {
        TestPropagator.VALUE.set("throw");
        assertThat(await(toThread(() -> 1))).isEqualTo(1);
        TestPropagator.VALUE.set("throw when restored");
        assertThat(await(toThread(() -> 2))).isEqualTo(2);
        assertThat(await(createTask(() -> 3))).isEqualTo(3);
    }
}
