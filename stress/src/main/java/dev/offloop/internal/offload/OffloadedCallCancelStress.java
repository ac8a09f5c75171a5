package dev.offloop.internal.offload;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.offloop.Engine;
import dev.offloop.OnCancel;
import dev.offloop.Runner;
import dev.offloop.internal.engine.Loop;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/**
 * A thread takes a call while the loop cancels it. r1: it ran; r2: the thread left it interrupted; r3: it is cancelled.
 */
@JCStressTest
@Outcome(id = "false, false, true", expect = ACCEPTABLE, desc = "cancelled before it started: it never runs")
@Outcome(id = "true, false, true", expect = ACCEPTABLE, desc = "it ran; an interrupt ended with it")
@Outcome(expect = FORBIDDEN, desc = "an interrupt leaked, or the cancellation was lost")
@State
public class OffloadedCallCancelStress {

    private final Loop loop =
            (Loop) Runner.builder().engine(Engine.PORTABLE).build().loop();
    private boolean ran;
    private final OffloadedCall<Integer> call =
            new OffloadedCall<>(loop, (OffloadedWork) loop.externalWork(), Runnable::run, OnCancel.INTERRUPT, () -> {
                ran = true;
                return 1;
            });

    /** The executor's thread. */
    @Actor
    public void worker(ZZZ_Result r) {
        call.run();
        r.r2 = Thread.interrupted();
    }

    /** The loop. */
    @Actor
    public void loop() {
        call.cancelHere("enough");
    }

    /** In the end. */
    @Arbiter
    public void end(ZZZ_Result r) {
        r.r1 = ran;
        r.r3 = call.cancelled();
    }
}
