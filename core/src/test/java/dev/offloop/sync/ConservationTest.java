package dev.offloop.sync;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.CancelledError;
import dev.offloop.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many operations by tasks of two loops and by threads, with cancellations and time-outs in between: nothing is lost and
 * nothing doubled. {@code -Dsync.operations=10000000} for the long run.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class ConservationTest {

    private static final int OPERATIONS = Integer.getInteger("sync.operations", 100_000);
    private static final int LOOPS = 2;
    private static final int TASKS = 4;
    private static final int THREADS = 2;
    private static final int EACH = OPERATIONS / (LOOPS * TASKS + THREADS);

    private interface Party {
        void run(Random random) throws Exception;
    }

    /** Runs both in their numbers; every eighth step of a task is cancelled by another at some moment. */
    private static void mix(Party taskStep, Party threadStep) throws Exception {
        List<Thread> all = new ArrayList<>();
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < LOOPS; i++) {
            int seed = i;
            all.add(Thread.ofPlatform().start(() -> {
                try {
                    run(() -> {
                        List<Task<?>> tasks = new ArrayList<>();
                        for (int t = 0; t < TASKS; t++) {
                            var random = new Random(seed * 100L + t);
                            tasks.add(createTask(() -> {
                                for (int n = 0; n < EACH; n++) {
                                    step(taskStep, random);
                                }
                            }));
                        }
                        await(gather(tasks));
                    });
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
        }
        for (int i = 0; i < THREADS; i++) {
            var random = new Random(1_000L + i);
            all.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int n = 0; n < EACH; n++) {
                        threadStep.run(random);
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    private static void step(Party taskStep, Random random) throws Exception {
        if (random.nextInt(8) > 0) {
            taskStep.run(random);
            return;
        }
        Task<?> victim = createTask(() -> taskStep.run(random));
        for (int turns = random.nextInt(3); turns > 0; turns--) {
            yieldNow();
        }
        victim.cancel();
        try {
            await(victim);
        } catch (CancelledError e) {
            // what it had begun, it has left
        }
    }

    @Test
    void aLockLetsInOneAtATimeAndEverybodyInTheEnd() throws Exception {
        var lock = new Lock();
        var inside = new AtomicInteger();
        int[] plain = {0};
        var entered = new LongAdder();
        mix(
                random -> lock.with(() -> {
                    assertThat(inside.incrementAndGet()).isEqualTo(1);
                    plain[0]++;
                    entered.increment();
                    if (random.nextInt(16) == 0) {
                        inside.decrementAndGet();
                        return; // without giving others a turn
                    }
                    inside.decrementAndGet();
                    yieldNow();
                }),
                random -> {
                    if (lock.acquireBlocking(Duration.ofNanos(random.nextInt(1_000_000)))) {
                        assertThat(inside.incrementAndGet()).isEqualTo(1);
                        plain[0]++;
                        entered.increment();
                        inside.decrementAndGet();
                        lock.release();
                    }
                });
        assertThat(plain[0]).isEqualTo((int) entered.sum());
        assertThat(lock.locked()).isFalse();
    }

    @Test
    void aSemaphoreHasAllItsPermitsInTheEnd() throws Exception {
        var semaphore = new BoundedSemaphore(3);
        var inside = new AtomicInteger();
        mix(
                _ -> semaphore.with(() -> {
                    assertThat(inside.incrementAndGet()).isLessThanOrEqualTo(3);
                    inside.decrementAndGet();
                    yieldNow();
                }),
                random -> {
                    if (semaphore.acquireBlocking(Duration.ofNanos(random.nextInt(1_000_000)))) {
                        assertThat(inside.incrementAndGet()).isLessThanOrEqualTo(3);
                        inside.decrementAndGet();
                        semaphore.release();
                    }
                });
        assertThat(semaphore.permits()).isEqualTo(3);
    }

    @Test
    void aQueueGivesEveryItemOnce() throws Exception {
        var queue = new Queue<Integer>(5);
        var in = new LongAdder();
        var out = new LongAdder();
        mix(
                random -> {
                    int item = random.nextInt(1_000);
                    if (random.nextBoolean()) {
                        queue.put(item);
                        in.add(item);
                    } else {
                        Integer got = queue.tryGet();
                        if (got != null) {
                            out.add(got);
                        }
                        yieldNow();
                    }
                },
                random -> {
                    Integer got = queue.getBlocking(Duration.ofMillis(random.nextInt(3)));
                    if (got != null) {
                        out.add(got);
                    }
                    Integer more = queue.tryGet();
                    if (more != null) {
                        out.add(more);
                    }
                });
        // those who still waited for room at the end were the tasks of no loop: all have ended
        for (Integer rest = queue.tryGet(); rest != null; rest = queue.tryGet()) {
            out.add(rest);
        }
        assertThat(out.sum()).isEqualTo(in.sum());
    }
}
