package dev.offloop.internal.monitor;

import dev.offloop.internal.jfr.Jfr;
import dev.offloop.internal.util.VarHandles;
import dev.offloop.monitor.ExecutorStatistics;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A place in the user's code that hands functions to an executor, and what was measured there.
 *
 * <p><b>Samples.</b> To time a call costs a tenth of a short one: looks at the clock, and numbers that go from one
 * processor to another and back. The first calls are timed all; later ones all as long as there are few, and one in
 * {@value #MEAN_DISTANCE} of many, at random distances, so that no rhythm of the program can hide from them. Every call
 * is counted. The use of the processor is asked twenty times a second at most, since that costs more than a call.
 *
 * <p><b>Periods.</b> A program changes with the hour, so the numbers of this period and the one before are kept, older
 * ones are forgotten.
 *
 * <p><b>Threads.</b> The owner of the {@link SiteTable} writes; any thread reads. Only {@link #mayAskForProcessor} is
 * called by the threads of executors.
 */
public final class Site {

    private static final VarHandle ASKED = VarHandles.find(MethodHandles.lookup(), "asked", long.class);

    private static final int TIMED_ALL = 256;
    private static final int MEAN_DISTANCE = 64;

    /** What comes less often than that is no burden. */
    private static final long SELDOM_NANOS = 10_000_000;

    private static final long ASK_NANOS = 50_000_000;
    private static final long PERIOD_NANOS = Duration.ofMinutes(5).toNanos();

    private final String name;
    private final WeakReference<Object> function;
    private final WeakReference<Object> executor;
    private final boolean processes;

    /**
     * What was last known of the executor, which may be gone. A pool of processes is never asked on the owner's side,
     * which holds the pool's lock.
     */
    private volatile Gauge gauge;

    private volatile @Nullable CallTimes before;
    private volatile CallTimes times = new CallTimes(System.nanoTime());
    private long calls;
    private long ended;
    private long nextTimed;
    private long lastTimed;
    private long random = System.identityHashCode(this) | 1;

    @SuppressWarnings("unused") // through ASKED
    private long asked = System.nanoTime(); // so that a program that only starts does not ask

    /** The next site of the same function, with another executor. On the owner's side. */
    @Nullable
    Site next;

    Site(String name, Object function, Object executor, boolean processes) {
        this.name = name;
        this.function = new WeakReference<>(function);
        this.executor = new WeakReference<>(executor);
        this.processes = processes;
        this.gauge = processes ? Gauge.UNKNOWN : Gauge.of(executor);
    }

    /** Whether it is known by the very object; an equal one has to be looked up. */
    boolean isOf(Object function) {
        return this.function.refersTo(function);
    }

    boolean isFor(Object executor) {
        return this.executor.refersTo(executor);
    }

    // ---- on the owner's side

    /** A call is handed in. Returns null if it is not timed. */
    public @Nullable CallTiming begins() {
        times.calls++;
        if (calls++ < nextTimed && !Jfr.isOn()) {
            return null;
        }
        var timing = new CallTiming(this);
        boolean all = calls < TIMED_ALL || timing.submitted - lastTimed > SELDOM_NANOS;
        nextTimed = all ? calls : calls + distance();
        lastTimed = timing.submitted;
        return timing;
    }

    private long distance() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return random & (2 * MEAN_DISTANCE - 1);
    }

    /** A call that is measured elsewhere is handed in. */
    public void counts() {
        times.calls++;
        calls++;
    }

    /** A call has ended, whether its function has run or not. */
    public void ended() {
        ended++;
    }

    void record(CallTiming call, long now) {
        long runNanos = call.ended - call.begun;
        record(now, call.started - call.submitted, runNanos, now - call.left);
        if (call.processor != CallTiming.UNKNOWN) {
            times.recordProcessor(Math.clamp(call.processor, 0, runNanos), runNanos);
        }
    }

    private void record(long now, long queueNanos, long runNanos, long hopNanos) {
        rotate(now);
        times.record(now, queueNanos, runNanos, hopNanos);
    }

    /**
     * Records a call that was measured in another process.
     *
     * @param totalNanos the time from its submission to its end
     * @param transferNanos the time for writing and reading arguments and results, which is a part of the hop
     */
    public void recordRemote(long totalNanos, long queueNanos, long runNanos, long transferNanos) {
        record(System.nanoTime(), queueNanos, runNanos, totalNanos - queueNanos - runNanos);
        times.transfer.record(transferNanos);
    }

    private void rotate(long now) {
        if (now - times.first > PERIOD_NANOS) {
            before = times;
            times = new CallTimes(now);
        }
    }

    // ---- from any thread

    public String name() {
        return name;
    }

    /** Returns what the executor does now, or did when it was last seen. */
    Gauge gauge() {
        Object executor = this.executor.get();
        if (executor != null) {
            gauge = Gauge.of(executor);
        }
        return gauge;
    }

    /** Returns what was handed to the executor here. */
    ExecutorStatistics statistics() {
        Gauge gauge = gauge();
        int unfinished = (int) Math.max(0, calls - ended);
        return new ExecutorStatistics(gauge.name(), gauge.size(), gauge.active(), gauge.queued(), unfinished, calls);
    }

    /** Returns what is known now. */
    SiteView view() {
        CallTimes before = this.before;
        CallTimes all = new CallTimes(times.first).add(times);
        return new SiteView(name, gauge(), processes, before == null ? all : all.add(before), calls, calls - ended);
    }

    boolean mayAskForProcessor(long now) {
        long asked = (long) ASKED.getOpaque(this);
        return now - asked >= ASK_NANOS && ASKED.compareAndSet(this, asked, now);
    }
}
