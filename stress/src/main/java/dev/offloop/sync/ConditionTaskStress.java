package dev.offloop.sync;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A task that waits is cancelled when the signal comes, which must go on to the thread. r1: whether the thread was
 * woken; r2: whether the lock is free.
 */
@JCStressTest
@Outcome(
        id = {"1, 1"},
        expect = ACCEPTABLE,
        desc = "the signal was passed on")
@Outcome(expect = FORBIDDEN, desc = "it was lost, or the lock was")
@State
public class ConditionTaskStress {

    private static final Duration LONG = Duration.ofSeconds(10);

    private final Lock lock = new Lock();
    private final Condition condition = new Condition(lock);
    private boolean come;
    private boolean woken;

    /** Says, once, that it has come. */
    @Actor
    public void signaller() {
        Uninterrupted.call(() -> lock.withBlocking(() -> {
            come = true;
            condition.signal();
            return true;
        }));
    }

    /** Waits until it has come. */
    @Actor
    public void thread() {
        woken = Uninterrupted.call(() -> lock.withBlocking(() -> {
            while (!come) {
                if (!condition.awaitBlockingFor(LONG)) {
                    return false;
                }
            }
            return true;
        }));
    }

    /** Takes no interest in it: passes the signal on if it gets it, and if it is cancelled at that moment. */
    @Actor
    public void task() {
        OnLoop.cancelSoon(() -> lock.with(() -> {
            if (!come) {
                condition.await();
                condition.signal();
            }
        }));
    }

    /** In the end. */
    @Arbiter
    public void end(II_Result r) {
        r.r1 = woken ? 1 : 0;
        r.r2 = lock.tryAcquire() ? 1 : 0;
    }
}
