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

/** A permit is released while one who waits for it leaves. r1: whether that one has it; r2: how many are free. */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = ACCEPTABLE,
        desc = "it was taken, or it is free")
@Outcome(expect = FORBIDDEN, desc = "it was lost, or doubled")
@State
public class SemaphoreStress {

    private final Semaphore semaphore = new Semaphore(0);
    private boolean acquired;

    /** Releases it. */
    @Actor
    public void releaser() {
        semaphore.release();
    }

    /** Leaves at about the time at which it gets it. */
    @Actor
    public void waiter() {
        acquired = Uninterrupted.call(() -> semaphore.acquireBlockingFor(Duration.ofNanos(100)));
    }

    /** In the end. */
    @Arbiter
    public void end(II_Result r) {
        r.r1 = acquired ? 1 : 0;
        r.r2 = semaphore.permits();
    }
}
