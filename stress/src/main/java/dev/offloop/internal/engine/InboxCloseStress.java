package dev.offloop.internal.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** A message meets a loop that closes: it is taken, or its producer knows that it is not. */
@JCStressTest
@Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "before the end")
@Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "after the end")
@Outcome(expect = FORBIDDEN, desc = "lost, or refused and taken")
@State
public class InboxCloseStress {

    private final Inbox inbox = new Inbox(null);
    private final List<Runnable> taken = new ArrayList<>();

    /** A producer. */
    @Actor
    public void producer(ZI_Result r) {
        r.r1 = inbox.put(() -> {});
    }

    /** The loop. */
    @Actor
    public void loop() {
        inbox.close(taken);
    }

    /** In the end. */
    @Arbiter
    public void end(ZI_Result r) {
        r.r2 = taken.size();
    }
}
