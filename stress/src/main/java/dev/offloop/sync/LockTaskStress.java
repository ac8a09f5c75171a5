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
 * A thread and a task want the lock, and the task is cancelled meanwhile. r1: how often it was entered by those who got
 * it; r2: whether it is free.
 */
@JCStressTest
@Outcome(
        id = {"1, 1", "2, 1"},
        expect = ACCEPTABLE,
        desc = "it is free, and the thread had it")
@Outcome(expect = FORBIDDEN, desc = "it was lost, or two had it at a time")
@State
public class LockTaskStress {

    private final Lock lock = new Lock();
    private int plain;
    private int entered;

    /** Enters, on a thread. */
    @Actor
    public void thread() {
        boolean got = Uninterrupted.call(() -> lock.acquireBlockingFor(Duration.ofSeconds(10)));
        if (got) {
            enter();
            lock.release();
        }
    }

    /** Is cancelled at about the time at which it is handed over. */
    @Actor
    public void task() {
        OnLoop.cancelSoon(() -> lock.with(this::enter));
    }

    private void enter() {
        plain++;
        entered = plain;
    }

    /** In the end. */
    @Arbiter
    public void end(II_Result r) {
        r.r1 = entered;
        r.r2 = lock.tryAcquire() ? 1 : 0;
    }
}
