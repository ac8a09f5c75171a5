package dev.offloop.internal.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** A message comes while a loop on a host ends its turn. r1: the host asks for another; r2: how often. */
@JCStressTest
@Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "either the message woke the host or the turn saw the message")
@Outcome(expect = FORBIDDEN, desc = "the message was not taken, or two turns were asked for")
@State
public class HostIdleStress {

    private final AtomicInteger turns = new AtomicInteger();
    private final Host host = new Host(_ -> turns.incrementAndGet());
    private final Inbox inbox = new Inbox(host);

    /** The host's thread, at the end of a turn. */
    @Actor
    public void host() {
        if (!inbox.tryIdle()) {
            host.wake();
        }
    }

    /** Another thread. */
    @Actor
    public void producer() {
        inbox.put(() -> {});
    }

    /** In the end. */
    @Arbiter
    public void end(ZI_Result r) {
        List<Runnable> messages = new ArrayList<>();
        inbox.drainTo(messages);
        r.r1 = messages.size() == 1 && turns.get() > 0;
        r.r2 = turns.get();
    }
}
