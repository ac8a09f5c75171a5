package dev.offloop.sync;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** An item comes while one who waits for it leaves. r1: what the one has; r2: what is still there. */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = ACCEPTABLE,
        desc = "it was taken, or it is there")
@Outcome(expect = FORBIDDEN, desc = "it was lost, or is there twice")
@State
public class QueueStress {

    private final Queue<Integer> queue = new Queue<>(1);
    private @Nullable Integer got;

    /** Puts it. */
    @Actor
    public void putter() {
        boolean _ = Uninterrupted.call(() -> queue.putBlockingFor(1, Duration.ofSeconds(10)));
    }

    /** Leaves at about the time at which it comes. */
    @Actor
    public void getter() {
        got = Uninterrupted.call(() -> queue.getBlockingFor(Duration.ofNanos(100)));
    }

    /** In the end. */
    @Arbiter
    public void end(II_Result r) {
        Integer left = queue.tryGet();
        r.r1 = got == null ? 0 : got;
        r.r2 = left == null ? 0 : left;
    }
}
