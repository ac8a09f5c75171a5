package dev.offloop.process.internal.wire;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A worker begins its calls while the parent takes them back. r1: how many the worker ran; r2: how many the parent
 * believes that it has; it gives the others to another worker.
 */
@JCStressTest
@Outcome(
        id = {"0, 0", "1, 1", "2, 2"},
        expect = ACCEPTABLE,
        desc = "every call has one owner")
@Outcome(expect = FORBIDDEN, desc = "a call would run twice or never")
@State
public class SharedStatusStress {

    /** The real memory is mapped; as direct memory it is as aligned, and there can be many. */
    private static final int NOTES = 1 << 19;

    private static final int STRIDE = 64;
    private static final ByteBuffer MEMORY = ByteBuffer.allocateDirect(NOTES * STRIDE);
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final SharedStatus note;

    /** A fresh one. */
    public SharedStatusStress() {
        ByteBuffer memory = MEMORY.slice(Math.floorMod(NEXT.getAndIncrement(), NOTES) * STRIDE, SharedStatus.SIZE);
        note = new SharedStatus(memory.put(0, new byte[SharedStatus.SIZE]));
    }

    /** Runs both, unless they are taken back. */
    @Actor
    public void worker(II_Result r) {
        r.r1 = (note.begin(1) ? 1 : 0) + (note.begin(2) ? 1 : 0);
    }

    /** Wants both back. */
    @Actor
    public void parent(II_Result r) {
        r.r2 = (int) note.takeBack(2);
    }
}
