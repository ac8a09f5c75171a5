package dev.offloop.sync;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * Two want the lock, one of them for a moment only. r1: who was inside, plainly counted; r2: who says so; r3: still
 * locked.
 */
@JCStressTest
@Outcome(
        id = {"2, 2, 0", "1, 1, 0"},
        expect = ACCEPTABLE,
        desc = "both one after the other, or the impatient one left")
@Outcome(expect = FORBIDDEN, desc = "both at a time, or the lock was lost")
@State
public class LockStress {

    private final Lock lock = new Lock();
    private int inside;
    private boolean impatientWas;

    /** Waits as long as it takes. */
    @Actor
    public void patient() {
        var _ = Uninterrupted.call(() -> lock.withBlocking(() -> inside++));
    }

    /** Leaves at about the time at which it gets it. */
    @Actor
    public void impatient() {
        if (Uninterrupted.call(() -> lock.acquireBlockingFor(Duration.ofNanos(100)))) {
            inside++;
            impatientWas = true;
            lock.release();
        }
    }

    /** In the end. */
    @Arbiter
    public void end(III_Result r) {
        r.r1 = inside;
        r.r2 = impatientWas ? 2 : 1;
        r.r3 = lock.locked() ? 1 : 0;
    }
}
