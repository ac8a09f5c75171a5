package dev.offloop.internal.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.offloop.Engine;
import dev.offloop.Runner;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Another thread looks at a future that the loop ends: it sees nothing yet, or a whole result. */
@JCStressTest
@Outcome(id = "-1", expect = ACCEPTABLE, desc = "not done")
@Outcome(id = "42", expect = ACCEPTABLE, desc = "done, and whole")
@Outcome(expect = FORBIDDEN, desc = "half a result")
@State
public class FuturePublicationStress {

    private static final class Box {
        int value;
    }

    private final LoopPromise<Box> promise = new LoopPromise<>(
            (Loop) Runner.builder().engine(Engine.PORTABLE).build().loop());

    /** The loop. */
    @Actor
    public void loop() {
        Box box = new Box();
        box.value = 42;
        promise.succeed(box);
    }

    /** Another thread. */
    @Actor
    public void reader(I_Result r) {
        r.r1 = promise.done() && promise.outcome() instanceof dev.offloop.Outcome.Success<Box>(Box box)
                ? box.value
                : -1;
    }
}
