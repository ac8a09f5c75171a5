package dev.offloop.sync;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.CancelledError;
import dev.offloop.Future;
import dev.offloop.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** So many at a time. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SemaphoreTest {

    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    private void enter() {
        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
    }

    @Test
    void noMoreThanItsPermitsAreInsideAtATime() throws Exception {
        var semaphore = new Semaphore(3);
        run(() -> {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                all.add(createTask(() -> semaphore.with(() -> {
                    enter();
                    yieldNow();
                    inside.decrementAndGet();
                })));
                all.add(toThread(() -> semaphore.withBlocking(() -> {
                    enter();
                    Thread.sleep(1);
                    return inside.decrementAndGet();
                })));
            }
            await(gather(all));
        });
        assertThat(most).hasValueBetween(1, 3);
        assertThat(semaphore.permits()).isEqualTo(3);
    }

    @Test
    void asManyAsItsPermitsAreInsideAtATime() throws Exception {
        var semaphore = new Semaphore(3);
        var barrier = new Barrier(3);
        run(() -> await(gather(
                createTask(() -> semaphore.with(() -> barrier.await())),
                createTask(() -> semaphore.with(() -> barrier.await())),
                toThread(() -> semaphore.withBlocking(() -> barrier.awaitBlocking())))));
        assertThat(semaphore.permits()).isEqualTo(3);
    }

    @Test
    void aPermitThatIsGivenToACancelledTaskGoesToTheNext() throws Exception {
        var semaphore = new Semaphore(0);
        run(() -> {
            Task<?> first = createTask(semaphore::acquire);
            Task<?> second = createTask(semaphore::acquire);
            yieldNow();
            semaphore.release();
            first.cancel();
            await(second);
            assertThatThrownBy(() -> await(first)).isInstanceOf(CancelledError.class);
        });
        assertThat(semaphore.locked()).isTrue();
    }

    @Test
    void releasedPermitGoesToTheOneThatHasWaitedLongest() throws Exception {
        var semaphore = new Semaphore(0);
        run(() -> {
            Task<?> waiter = createTask(semaphore::acquire);
            yieldNow();
            semaphore.release();
            assertThat(semaphore.tryAcquire()).isFalse();
            await(waiter);
        });
    }

    @Test
    void aThreadThatIsLateHasNone() throws Exception {
        var semaphore = new Semaphore(0);
        assertThat(semaphore.acquireBlockingFor(Duration.ofMillis(5))).isFalse();
        semaphore.release();
        assertThat(semaphore.acquireBlockingFor(Duration.ofMillis(5))).isTrue();
        assertThat(semaphore.permits()).isZero();
    }

    @Test
    void boundedSemaphoreRejectsOneReleaseTooMany() {
        var semaphore = new BoundedSemaphore(1);
        assertThatThrownBy(semaphore::release)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("was not acquired");
        assertThat(semaphore.tryAcquire()).isTrue();
        semaphore.release();
        assertThat(semaphore.permits()).isEqualTo(1);
        assertThatThrownBy(() -> new Semaphore(-1)).hasMessageContaining("-1");
    }
}
