package dev.offloop.sync;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.timeout;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CancelledError;
import dev.offloop.Future;
import dev.offloop.Task;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Timeout;

/** Those that were given something and go away before they have it: the next one has to get it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LostWakeUpTest {

    private static final Duration SHORT = Duration.ofMillis(10);

    private final Lock lock = new Lock();
    private final Condition condition = new Condition(lock);
    private final List<String> woken = new ArrayList<>();

    private Task<Void> waiter(String name) {
        return createTask(
                name,
                () -> lock.with(() -> {
                    condition.await();
                    woken.add(name);
                }));
    }

    private static void turns() {
        for (int i = 0; i < 10; i++) {
            yieldNow();
        }
    }

    @LoopTest
    void aTaskThatIsCancelledWhileItAcquiresTheLockAgainPassesItsSignalOn() throws Exception {
        Task<Void> first = waiter("first");
        Task<Void> second = waiter("second");
        yieldNow();
        lock.with(() -> {
            condition.signal();
            turns();
            first.cancel("enough");
            turns();
        });
        await(second);
        assertThatThrownBy(() -> await(first))
                .isInstanceOf(CancelledError.class)
                .hasMessage("enough");
        assertThat(woken).containsExactly("second");
    }

    @LoopTest
    void aTaskWhoseTimeIsOverWhileItAcquiresTheLockAgainPassesItsSignalOn() throws Exception {
        Task<Void> first = createTask(() -> lock.with(() -> timeout(SHORT, condition::await)));
        Task<Void> second = waiter("second");
        yieldNow();
        lock.with(() -> {
            condition.signal();
            sleep(SHORT.multipliedBy(2));
        });
        await(second);
        assertThatThrownBy(() -> await(first)).isInstanceOf(TimeoutException.class);
    }

    @LoopTest
    void aSignalIsPassedOnToAThread() throws Exception {
        Task<Void> first = waiter("first");
        yieldNow();
        Future<Boolean> second =
                toThread(() -> lock.withBlocking(() -> condition.awaitBlockingFor(Duration.ofSeconds(30))));
        while (!condition.toString().contains("2 waiting")) {
            yieldNow();
        }
        lock.with(() -> {
            condition.signal();
            turns();
            first.cancel();
            turns();
        });
        assertThat(await(second)).isTrue();
        assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
    }

    @LoopTest
    void taskThatCannotAcquireTheLockAgainPassesItsSignalOn() throws Exception {
        var other = new Lock();
        Task<Void> first = createTask(() -> other.with(() -> lock.with(() -> condition.await())));
        yieldNow();
        Task<Void> second = waiter("second");
        yieldNow();
        lock.with(() -> {
            condition.signal();
            other.with(() -> woken.add("signaller"));
        });
        await(second);
        assertThatThrownBy(() -> await(first))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Deadlock");
        assertThat(woken).containsExactly("signaller", "second");
    }

    @LoopTest
    void aThreadThatIsInterruptedWhileItAcquiresTheLockAgainKeepsItsSignal() throws Exception {
        var threads = new java.util.concurrent.CompletableFuture<Thread>();
        Future<List<Boolean>> thread = toThread(() -> lock.withBlocking(() -> {
            threads.complete(Thread.currentThread());
            boolean signalled = condition.awaitBlockingFor(Duration.ofSeconds(30));
            return List.of(signalled, Thread.interrupted());
        }));
        await(threads);
        lock.with(
                () -> { // as soon as the thread has left it
                    condition.signal();
                    threads.join().interrupt();
                    turns();
                });
        List<Boolean> signalledAndInterrupted;
        try {
            signalledAndInterrupted = await(thread);
        } catch (InterruptedException e) {
            throw new AssertionError("the signal came first", e);
        }
        assertThat(signalledAndInterrupted).containsExactly(true, true);
    }

    @LoopTest
    void anItemThatACancelledTaskPutsBackAfterTheShutdownGoesToTheNext() throws Exception {
        var queue = new Queue<String>();
        Task<String> first = createTask(queue::get);
        Task<String> second = createTask(queue::get);
        yieldNow();
        queue.put("item");
        queue.shutdown();
        first.cancel();
        assertThat(await(second)).isEqualTo("item");
        assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
    }

    @LoopTest
    void whatACancelledTaskWasGivenGoesToTheNext() throws Exception {
        var semaphore = new Semaphore(0);
        Task<Void> first = createTask(semaphore::acquire);
        Task<Void> second = createTask(semaphore::acquire);
        yieldNow();
        semaphore.release();
        first.cancel();
        await(second);
        assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);

        var full = new Queue<Integer>(1);
        full.put(1);
        Task<Void> putsTwo = createTask(() -> full.put(2));
        Task<Void> putsThree = createTask(() -> full.put(3));
        yieldNow();
        assertThat(full.get()).isEqualTo(1);
        putsTwo.cancel();
        await(putsThree);
        assertThat(full.get()).isEqualTo(3);
        assertThatThrownBy(() -> await(putsTwo)).isInstanceOf(CancelledError.class);
    }
}
