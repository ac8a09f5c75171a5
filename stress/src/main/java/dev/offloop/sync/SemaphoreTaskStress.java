package dev.offloop.sync;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A thread releases a permit while the task that waits for it is cancelled. r1: whether that one has it; r2: how many
 * are free.
 */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = ACCEPTABLE,
        desc = "it was taken, or it is free")
@Outcome(expect = FORBIDDEN, desc = "it was lost, or doubled")
@State
public class SemaphoreTaskStress {

    private final Semaphore semaphore = new Semaphore(0);
    private int acquired;

    /** Releases it, on a thread. */
    @Actor
    public void releaser() {
        semaphore.release();
    }

    /** Is cancelled at about the time at which it gets it. */
    @Actor
    public void task() {
        OnLoop.cancelSoon(() -> {
            semaphore.acquire();
            acquired++;
        });
    }

    /** In the end. */
    @Arbiter
    public void end(II_Result r) {
        r.r1 = acquired;
        r.r2 = semaphore.permits();
    }
}
