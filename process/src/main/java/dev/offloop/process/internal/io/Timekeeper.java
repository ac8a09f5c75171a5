package dev.offloop.process.internal.io;

import dev.offloop.process.internal.pool.Platform;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * The thread that keeps a pool's deadlines. It runs nothing but that, so no answer that is read and no callback of a
 * user makes a deadline late.
 */
final class Timekeeper implements Runnable {

    /** While a deadline is near, the thread wakes up this often, to notice when the process was stopped. */
    private static final long SHORT_NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final RunningClock clock;
    private final LongSupplier tick;
    private final ErrorLog errors = new ErrorLog("The thread that keeps the deadlines of a process pool");
    private final Thread thread;

    /** When the thread wakes up by itself; never while it looks, so that each request then makes it look again. */
    private volatile long wakeAt = Platform.NEVER;

    private volatile boolean requested;
    private volatile boolean closed;

    Timekeeper(String name, RunningClock clock, LongSupplier tick) {
        this.clock = clock;
        this.tick = tick;
        this.thread = Thread.ofPlatform().daemon().name(name + "-timer").unstarted(this);
    }

    void start() {
        thread.start();
    }

    /** Has the deadlines looked at, at this time at the latest. */
    void wakeAt(long time) {
        if (time < wakeAt) {
            wakeNow();
        }
    }

    /** Has the deadlines looked at. */
    void wakeNow() {
        requested = true;
        LockSupport.unpark(thread);
    }

    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        while (!closed) {
            requested = false;
            long next;
            try {
                next = tick.getAsLong();
            } catch (Throwable e) { // a defect, or no memory: the deadlines must be kept all the same
                errors.log(e);
                next = clock.now() + BACK_OFF_NANOS;
            }
            wakeAt = next;
            sleep();
            wakeAt = Platform.NEVER;
        }
    }

    /** Sleeps until it is time, in naps that are short while the time is near. */
    private void sleep() {
        for (long now = clock.now(); !requested && !closed && now < wakeAt; now = clock.now()) {
            long left = wakeAt == Platform.NEVER ? Long.MAX_VALUE / 4 : wakeAt - now;
            long nap = Math.min(left, Math.max(SHORT_NAP_NANOS, left / 4));
            LockSupport.parkNanos(this, nap);
            clock.ranAgain(now + nap);
        }
    }
}
