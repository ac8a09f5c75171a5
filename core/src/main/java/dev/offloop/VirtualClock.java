package dev.offloop;

import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.util.Durations;
import dev.offloop.internal.util.Nanos;
import java.time.Duration;

/**
 * Stands still while anything can run, and then jumps to the next timer: a task that sleeps for a day resumes at once.
 *
 * <ul>
 *   <li>Timers fire in their order, each at exactly its time.
 *   <li>Offloaded functions, and awaited stages that are completed outside the loop, are waited for in real time before
 *       the clock jumps. If nothing happens for {@code patience}, it jumps all the same, so that a timeout around a
 *       call that never returns can be tested too.
 *   <li>The loop does not know of threads that will call {@link EventLoop#callSoonThreadsafe} one day, and does not
 *       wait for them.
 *   <li>A clock belongs to one loop: {@code Runner.builder().clock(new VirtualClock())}.
 * </ul>
 *
 * <p>Counterpart of Trio's {@code MockClock(autojump_threshold=0)}.
 */
public final class VirtualClock implements LoopClock {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final long patienceNanos;
    private volatile long now;

    /** Creates a clock at zero that waits for offloaded work for up to 10 seconds of real time. */
    public VirtualClock() {
        this(PATIENCE);
    }

    /**
     * Creates a clock at zero that waits for offloaded work for a given time.
     *
     * @param patience the longest wait for offloaded work, in real time
     */
    public VirtualClock(Duration patience) {
        this.patienceNanos = Nanos.of(patience);
    }

    /**
     * Returns the clock of the current loop.
     *
     * @return the virtual clock
     * @throws IllegalStateException outside of a loop, or if the loop has another clock
     */
    public static VirtualClock current() {
        if (Loop.current().clock() instanceof VirtualClock clock) {
            return clock;
        }
        throw new IllegalStateException("This loop does not live in virtual time: give its runner a clock,"
                + " Runner.builder().clock(new VirtualClock())");
    }

    @Override
    public long nanoTime() {
        return now;
    }

    /**
     * Advances the time, as if the calling task or callback of the loop had been busy for {@code time}.
     *
     * @param time the time to add, zero or more
     * @throws IllegalArgumentException if {@code time} is negative
     */
    public void advance(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("Time does not go back: " + Durations.inWords(time));
        }
        pass(Nanos.of(time));
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only the loop's thread writes
    private void pass(long nanos) {
        now = Nanos.sum(now, nanos);
    }

    @Override
    public void idle(Idle loop) {
        long nanos = loop.untilNextTimer();
        if (nanos == Long.MAX_VALUE) {
            loop.sleep(nanos);
        } else if (!loop.workElsewhere() || !loop.sleep(patienceNanos)) {
            pass(nanos);
        }
    }

    @Override
    public String toString() {
        return "VirtualClock[" + Durations.inWords(Duration.ofNanos(now)) + "]";
    }
}
