package dev.offloop.internal.engine;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Async;
import dev.offloop.Coroutine;
import dev.offloop.Engine;
import dev.offloop.EventLoop;
import dev.offloop.Promise;
import dev.offloop.Task;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** What an engine has to get right, whatever a task does on its virtual thread. */
class FiberTest {

    @Test
    void taskThatBlocksElsewhereLetsNoOtherTaskRun() throws Exception {
        List<String> events = new ArrayList<>();
        run(() -> {
            createTask(() -> events.add("other"));
            events.add("before");
            Thread.sleep(20);
            events.add("after");
            yieldNow();
        });
        assertThat(events).containsExactly("before", "after", "other");
    }

    @Test
    void aTaskMayWaitForALockThatAnotherThreadHolds() throws Exception {
        run(() -> {
            var lock = new ReentrantLock();
            var monitor = new Object();
            var held = new CompletableFuture<Boolean>();
            Thread.ofPlatform().start(() -> {
                lock.lock();
                synchronized (monitor) {
                    held.complete(true);
                    LockSupport.parkNanos(Duration.ofMillis(30).toNanos());
                }
                lock.unlock();
            });
            await(held);
            synchronized (monitor) {
                lock.lock();
            }
            lock.unlock();
            yieldNow();
        });
    }

    @Test
    void aTaskMaySuspendInsideAMonitor() throws Exception {
        run(() -> {
            var monitor = new Object();
            Task<Integer> one = createTask(() -> {
                synchronized (monitor) {
                    yieldNow();
                    return 1;
                }
            });
            assertThat(await(one)).isEqualTo(1);
        });
    }

    @Test
    void virtualThreadsStartedInATaskRunBesideIt() throws Exception {
        run(() -> {
            var done = new CompletableFuture<String>();
            Thread child = Thread.startVirtualThread(() -> done.complete("child"));
            assertThat(done.get(10, TimeUnit.SECONDS)).isEqualTo("child"); // blocks the task and the loop, on purpose
            child.join();
            try (ExecutorService perTask = Executors.newVirtualThreadPerTaskExecutor()) {
                assertThat(perTask.submit(() -> {
                                    Thread.sleep(5);
                                    return "pool";
                                })
                                .get(10, TimeUnit.SECONDS))
                        .isEqualTo("pool");
            }
        });
    }

    @Test
    void aVirtualThreadStartedInATaskOutlivesTheLoop() throws Exception {
        var gate = new CompletableFuture<String>();
        var result = new CompletableFuture<String>();
        run(() -> {
            Thread.startVirtualThread(() -> {
                result.complete(gate.join());
            });
        });
        gate.complete("later");
        assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo("later");
    }

    @Test
    void blockingSocketsWorkInATaskAndAfterTheLoop() throws Exception {
        try (var server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Callable<Integer> client = () -> {
                try (var socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
                    return socket.getInputStream().read();
                }
            };
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        try (Socket accepted = server.accept()) {
                            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
                            accepted.getOutputStream().write(65);
                        }
                    }
                } catch (java.io.IOException closed) {
                    // the test is over
                }
            });
            assertThat(run(() -> client.call())).isEqualTo(65);
            var after = new CompletableFuture<Integer>();
            Thread.startVirtualThread(() -> {
                try {
                    after.complete(client.call());
                } catch (Exception e) {
                    after.completeExceptionally(e);
                }
            });
            assertThat(after.get(10, TimeUnit.SECONDS)).isEqualTo(65);
        }
    }

    @Test
    void strayUnparksAndInterruptsDoNotWakeATask() throws Exception {
        run(() -> {
            Promise<Integer> promise = EventLoop.current().createFuture();
            List<Thread> threads = new ArrayList<>();
            Task<Integer> task = createTask(() -> {
                threads.add(Thread.currentThread());
                int result = await(promise);
                assertThat(Thread.interrupted()).as("the flag is the user's").isTrue();
                return result;
            });
            yieldNow();
            for (int i = 0; i < 100; i++) {
                LockSupport.unpark(threads.getFirst());
                threads.getFirst().interrupt();
                yieldNow();
            }
            assertThat(task.done()).isFalse();
            promise.setResult(1);
            assertThat(await(task)).isEqualTo(1);
        });
    }

    @Test
    void anInterruptedTaskCanStillAwait() throws Exception {
        run(() -> {
            Thread.currentThread().interrupt();
            sleep(Duration.ofMillis(5));
            assertThat(Thread.interrupted()).isTrue();
        });
    }

    @Test
    void aScopedValueStaysInItsTask() throws Exception {
        ScopedValue<String> value = ScopedValue.newInstance();
        run(() -> {
            Coroutine<String> reader = () -> {
                yieldNow();
                String seen = value.get();
                yieldNow();
                return seen + value.get();
            };
            Task<String> a = createTask(() -> ScopedValue.where(value, "a").call(reader::run));
            Task<String> b = createTask(() -> ScopedValue.where(value, "b").call(reader::run));
            assertThat(await(gather(a, b))).containsExactly("aa", "bb");
            assertThat(value.isBound()).isFalse();
        });
    }

    @Test
    void anAwaitThatCannotSuspendEndsInAnErrorThatSaysWhyOrWorks() throws Exception {
        run(() -> {
            Throwable thrown = null;
            try {
                assertThat(AwaitsInItsInitializer.RESULT).isEqualTo(1);
            } catch (ExceptionInInitializerError e) {
                thrown = e.getCause();
            }
            // The portable engine parks a carrier and goes on, as long as there is another carrier.
            if (EventLoop.engine() == Engine.CARRIED) {
                assertThat(thrown).isInstanceOf(IllegalStateException.class).hasMessageContaining("class initializer");
            }
            assertThat(await(createTask(() -> 2))).as("the loop is well").isEqualTo(2);
        });
    }

    /** Not a lambda of the class below: the thread that runs it would wait for that class to be initialized. */
    private static final Callable<Integer> ONE = () -> 1;

    private static final class AwaitsInItsInitializer {
        static final int RESULT;

        static {
            try {
                RESULT = await(Async.toThread(ONE));
            } catch (Exception e) {
                throw new ExceptionInInitializerError(e);
            }
        }
    }

    @Test
    void aPinnedYieldLeavesTheTaskUsable() throws Exception {
        run(() -> {
            assertThatThrownBy(() -> {
                        YieldsInItsInitializer.touch();
                        if (EventLoop.engine() == Engine.PORTABLE) {
                            throw new NoClassDefFoundError("as on the other engine");
                        }
                    })
                    .isInstanceOf(LinkageError.class);
            yieldNow();
        });
    }

    private static final class YieldsInItsInitializer {
        static {
            yieldNow();
        }

        static void touch() {}
    }
}
