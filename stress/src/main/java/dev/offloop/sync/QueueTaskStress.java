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
 * A thread puts an item while the task that waits for it is cancelled. r1: what that one has; r2: what is still there.
 */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = ACCEPTABLE,
        desc = "it was taken, or it is there")
@Outcome(expect = FORBIDDEN, desc = "it was lost, or is there twice")
@State
public class QueueTaskStress {

    private final Queue<Integer> queue = new Queue<>(1);
    private int got;

    /** Puts it, on a thread. */
    @Actor
    public void putter() {
        boolean _ = Uninterrupted.call(() -> queue.putBlockingFor(1, Duration.ofSeconds(10)));
    }

    /** Is cancelled at about the time at which it comes. */
    @Actor
    public void task() {
        OnLoop.cancelSoon(() -> got += queue.get());
    }

    /** In the end. */
    @Arbiter
    public void end(II_Result r) {
        Integer left = queue.tryGet();
        r.r1 = got;
        r.r2 = left == null ? 0 : left;
    }
}
