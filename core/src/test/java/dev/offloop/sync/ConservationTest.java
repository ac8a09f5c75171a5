package dev.offloop.sync;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.Async;
import dev.offloop.CancelledError;
import dev.offloop.Coroutine;
import dev.offloop.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many operations by tasks of two loops and by threads, with cancellations and timeouts in between: nothing is lost and
 * nothing doubled. For the long run: {@code -Dsync.operations=10000000
 * -Djunit.jupiter.execution.timeout.mode=disabled}.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ConservationTest {

    private static final int OPERATIONS = Integer.getInteger("sync.operations", 100_000);
    private static final int LOOPS = 2;
    private static final int TASKS = 4;
    private static final int THREADS = 2;
    private static final int PARTIES = LOOPS * TASKS + THREADS;
    private static final int EACH = OPERATIONS / PARTIES;

    private interface Party {
        void run(Random random) throws Exception;
    }

    /** A step of a party that has a number. */
    private interface NumberedParty {
        void run(int number, Random random) throws Exception;
    }

    /** Every step is taken in the end: a cancelled one is taken again, and a thread's says itself whether it was. */
    private interface ThreadsParty {
        boolean run(int number, Random random) throws Exception;
    }

    /** Whether a thread takes one more step. */
    private interface ThreadsPlan {
        boolean goesOn(int taken, boolean tasksRun);
    }

    /** Runs both in their numbers; every eighth step of a task is cancelled by another at some moment. */
    private static void mix(Party taskStep, Party threadStep) throws Exception {
        run((_, random) -> step(() -> taskStep.run(random), random), (_, random) -> threadStep.run(random));
    }

    /** As {@link #mix}, but the threads take steps until the tasks have ended, for tasks that may wait for a thread. */
    private static void mixUntilTheTasksHaveEnded(Party taskStep, Party threadStep) throws Exception {
        run(
                (_, random) -> step(() -> taskStep.run(random), random),
                (_, random) -> threadStep.run(random),
                (_, tasksRun) -> tasksRun);
    }

    /** Runs both until each party has taken as many steps as any other. */
    private static void mixToTheEnd(NumberedParty taskStep, ThreadsParty threadStep) throws Exception {
        run(
                (number, random) -> {
                    boolean[] taken = {false};
                    while (!taken[0]) {
                        step(
                                () -> {
                                    taskStep.run(number, random);
                                    taken[0] = true; // also if it is cancelled from now on
                                },
                                random);
                    }
                },
                (number, random) -> {
                    while (!threadStep.run(number, random)) {
                        // and again
                    }
                });
    }

    private static void run(NumberedParty taskStep, NumberedParty threadStep) throws Exception {
        run(taskStep, threadStep, (taken, _) -> taken < EACH);
    }

    private static void run(NumberedParty taskStep, NumberedParty threadStep, ThreadsPlan threads) throws Exception {
        List<Thread> all = new ArrayList<>();
        var loopsRunning = new AtomicInteger(LOOPS);
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < LOOPS; i++) {
            int first = i * TASKS;
            all.add(Thread.ofPlatform().daemon().start(() -> {
                try {
                    Async.run(() -> {
                        List<Task<?>> tasks = new ArrayList<>();
                        for (int t = 0; t < TASKS; t++) {
                            int number = first + t;
                            var random = new Random(number);
                            tasks.add(createTask(() -> {
                                for (int n = 0; n < EACH; n++) {
                                    taskStep.run(number, random);
                                }
                            }));
                        }
                        await(gather(tasks));
                    });
                } catch (Throwable e) {
                    failures.add(e);
                } finally {
                    loopsRunning.decrementAndGet();
                }
            }));
        }
        for (int i = 0; i < THREADS; i++) {
            int number = LOOPS * TASKS + i;
            var random = new Random(number);
            all.add(Thread.ofPlatform().daemon().start(() -> {
                try {
                    for (int n = 0; threads.goesOn(n, loopsRunning.get() > 0); n++) {
                        threadStep.run(number, random);
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : all) {
            while (!thread.join(Duration.ofMillis(100))) {
                assertThat(failures).isEmpty(); // others may wait for the one that has failed, without end
            }
        }
        assertThat(failures).isEmpty();
    }

    private static void step(Coroutine.Action taskStep, Random random) throws Exception {
        if (random.nextInt(8) > 0) {
            taskStep.run();
            return;
        }
        Task<?> victim = createTask(taskStep);
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
                    if (lock.acquireBlockingFor(Duration.ofNanos(random.nextInt(1_000_000)))) {
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
                    if (semaphore.acquireBlockingFor(Duration.ofNanos(random.nextInt(1_000_000)))) {
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
        mixUntilTheTasksHaveEnded( // the threads alone are sure to make room for those that put
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
                    Integer got = queue.getBlockingFor(Duration.ofMillis(random.nextInt(3)));
                    if (got != null) {
                        out.add(got);
                    }
                    Integer more = queue.tryGet();
                    if (more != null) {
                        out.add(more);
                    }
                });
        // all tasks have ended, so none still waits for room
        for (Integer rest = queue.tryGet(); rest != null; rest = queue.tryGet()) {
            out.add(rest);
        }
        assertThat(out.sum()).isEqualTo(in.sum());
    }

    /** Those with an even number put, the others take; three at most wait between them. */
    @Test
    void conditionWakesOneWaiterForEachSignal() throws Exception {
        var lock = new Lock();
        var notFull = new Condition(lock);
        var notEmpty = new Condition(lock);
        int[] waiting = {0};
        mixToTheEnd(
                (number, _) -> lock.with(() -> {
                    if (number % 2 == 0) {
                        notFull.awaitUntil(() -> waiting[0] < 3);
                        waiting[0]++;
                        notEmpty.signal();
                    } else {
                        notEmpty.awaitUntil(() -> waiting[0] > 0);
                        waiting[0]--;
                        notFull.signal();
                    }
                }),
                (number, random) -> lock.withBlocking(() -> {
                    Condition mine = number % 2 == 0 ? notFull : notEmpty;
                    while (number % 2 == 0 ? waiting[0] == 3 : waiting[0] == 0) {
                        if (!mine.awaitBlockingFor(Duration.ofNanos(random.nextInt(10_000_000)))) {
                            return false;
                        }
                    }
                    waiting[0] += number % 2 == 0 ? 1 : -1;
                    (number % 2 == 0 ? notEmpty : notFull).signal();
                    return true;
                }));
        assertThat(waiting[0]).isZero();
        assertThat(lock.locked()).isFalse();
    }

    @Test
    void aBarrierLetsAllGoOnInEveryRound() throws Exception {
        var barrier = new Barrier(PARTIES);
        var numbers = new LongAdder();
        mixToTheEnd((_, _) -> numbers.add(barrier.await()), (_, random) -> {
            try {
                numbers.add(barrier.awaitBlockingFor(Duration.ofNanos(random.nextInt(10_000_000))));
                return true;
            } catch (TimeoutException e) {
                return false;
            }
        });
        assertThat(numbers.sum()).isEqualTo((long) EACH * PARTIES * (PARTIES - 1) / 2);
        assertThat(barrier.waiting()).isZero();
    }

    /** Each round has an event, which the last to come sets, and a latch, which all count down. */
    @Test
    void anEventAndALatchLetAllGoOnThatWait() throws Exception {
        var rounds = new Round[EACH];
        Arrays.setAll(rounds, _ -> new Round());
        int[] next = new int[PARTIES];
        mixToTheEnd(
                (number, _) -> {
                    Round round = rounds[next[number]];
                    round.come(number);
                    round.event.await();
                    round.latch.await();
                    next[number]++;
                },
                (number, random) -> {
                    Round round = rounds[next[number]];
                    round.come(number);
                    boolean gone = round.event.awaitBlockingFor(Duration.ofNanos(random.nextInt(10_000_000)))
                            && round.latch.awaitBlockingFor(Duration.ofNanos(random.nextInt(10_000_000)));
                    if (gone) {
                        next[number]++;
                    }
                    return gone;
                });
        assertThat(rounds).allMatch(round -> round.come.get() == (1 << PARTIES) - 1 && round.latch.count() == 0);
    }

    private static final class Round {
        final Event event = new Event();
        final CountDownLatch latch = new CountDownLatch(PARTIES);
        final AtomicInteger come = new AtomicInteger();

        /** The first time only: a step may be taken again. */
        void come(int number) {
            int bit = 1 << number;
            int before = come.getAndUpdate(all -> all | bit);
            if ((before & bit) == 0) {
                latch.countDown();
                if ((before | bit) == (1 << PARTIES) - 1) {
                    event.set();
                }
            }
        }
    }
}
