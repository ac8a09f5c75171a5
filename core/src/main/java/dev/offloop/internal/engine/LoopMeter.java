package dev.offloop.internal.engine;

import dev.offloop.DurationHistogram;
import dev.offloop.internal.util.VarHandles;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Measures how late a loop is, and how busy.
 *
 * <p><b>Lag.</b> A look at the clock for each step would cost more than the step, so only some are measured: each timer
 * that fires, since the time is known there, and while the loop is busy the <i>probes</i>. A probe stands for a message
 * that comes from outside at that moment. It is a time that the watchdog leaves here; the loop takes it when it takes
 * what came from outside, and measures the lag where that message would run.
 *
 * <p><b>Threads.</b> The loop's side writes, but for the probe; any thread reads, and what it reads may be a moment
 * old.
 */
final class LoopMeter {

    private static final VarHandle PROBE = VarHandles.find(MethodHandles.lookup(), "probe", long.class);
    private static final VarHandle SINCE = VarHandles.find(MethodHandles.lookup(), "busySince", long.class);
    private static final VarHandle BUSY = VarHandles.find(MethodHandles.lookup(), "busyNanos", long.class);
    private static final long NONE = 0;

    private final long begin = System.nanoTime();
    private final DurationHistogram lag = new DurationHistogram();

    @SuppressWarnings("unused") // through PROBE
    private long probe;

    @SuppressWarnings("unused") // through SINCE
    private long busySince;

    @SuppressWarnings("unused") // through BUSY
    private long busyNanos;

    /** From any thread: measures how long a message that comes now has to wait. */
    void probe() {
        boolean _ = PROBE.compareAndSet(this, NONE, time());
    }

    /** Returns the probe that has come, {@link #NONE} if there is none. */
    long takeProbe() {
        long time = (long) PROBE.getOpaque(this);
        if (time != NONE) {
            PROBE.setOpaque(this, NONE);
        }
        return time;
    }

    /** The message that a probe stands for would run now. */
    void measure(long probe) {
        if (probe != NONE) {
            lag.record(time() - probe);
        }
    }

    /** A timer runs that much later than asked. */
    void late(long nanos) {
        lag.record(nanos);
    }

    /** The loop begins to run what is ready. Returns false if it does already, in a turn around this one. */
    boolean busy() {
        if ((long) SINCE.getOpaque(this) != NONE) {
            return false;
        }
        SINCE.setOpaque(this, time());
        return true;
    }

    /** The loop has nothing to run. */
    void idle() {
        long since = (long) SINCE.getOpaque(this);
        if (since != NONE) {
            SINCE.setOpaque(this, NONE);
            BUSY.setOpaque(this, (long) BUSY.getOpaque(this) + time() - since);
        }
    }

    private static long time() {
        return System.nanoTime() | 1; // never NONE
    }

    // ---- from any thread

    long busyNanos() {
        long since = (long) SINCE.getOpaque(this);
        return (long) BUSY.getOpaque(this) + (since == NONE ? 0 : Math.max(0, time() - since));
    }

    long elapsedNanos() {
        return System.nanoTime() - begin;
    }

    /** With the probe that waits, if one does: while the loop is blocked, its lag grows. */
    DurationHistogram lag() {
        DurationHistogram copy = lag.copy();
        long waiting = (long) PROBE.getOpaque(this);
        if (waiting != NONE) {
            copy.record(time() - waiting);
        }
        return copy;
    }
}
