package dev.offloop;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A place becomes free while a function asks for one. r1: how often the second function ran; r2, r3: how many are left.
 */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "it ran once, and none is left")
@Outcome(expect = FORBIDDEN, desc = "a function was forgotten or ran twice, or a place was lost")
@State
public class CapacityLimiterStress {

    private final Queue<Runnable> handedOn = new ConcurrentLinkedQueue<>();
    private final CapacityLimiter limiter = new CapacityLimiter(1, handedOn::add);
    private int ran;

    /** One function has the place. */
    public CapacityLimiterStress() {
        limiter.execute(() -> {});
    }

    /** The thread that runs the first function, and leaves. */
    @Actor
    public void leaver() {
        handedOn.remove().run();
    }

    /** Another loop. */
    @Actor
    public void comer() {
        limiter.execute(() -> ran++);
    }

    /** The executor, later. */
    @Arbiter
    public void end(III_Result r) {
        for (Runnable function = handedOn.poll(); function != null; function = handedOn.poll()) {
            function.run();
        }
        r.r1 = ran;
        r.r2 = limiter.statistics().running();
        r.r3 = limiter.statistics().waiting();
    }
}
