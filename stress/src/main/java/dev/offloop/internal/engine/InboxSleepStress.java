package dev.offloop.internal.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A message meets a loop that falls asleep without a limit: it is found or it wakes. A lost wake-up would hang the
 * test.
 */
@JCStressTest
@Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "both were there when the loop was awake again")
@Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "one came later")
@Outcome(id = "0, 2", expect = ACCEPTABLE_INTERESTING, desc = "woken for nothing; the loop looks again")
@Outcome(expect = FORBIDDEN, desc = "a message is lost or doubled")
@State
public class InboxSleepStress {

    private final Inbox inbox = new Inbox(null);
    private final List<Runnable> taken = new ArrayList<>();

    /** A producer. */
    @Actor
    public void producer() {
        inbox.put(() -> {});
        inbox.put(() -> {});
    }

    /** The loop. */
    @Actor
    public void loop(II_Result r) {
        inbox.sleep(Long.MAX_VALUE);
        inbox.drainTo(taken);
        r.r1 = taken.size();
    }

    /** In the end. */
    @Arbiter
    public void end(II_Result r) {
        inbox.drainTo(taken);
        r.r2 = taken.size();
    }
}
