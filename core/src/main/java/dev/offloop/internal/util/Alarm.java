package dev.offloop.internal.util;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Calls something once, when the earliest of the times has come that were asked for. Short and never blocking. */
public final class Alarm {

    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final Runnable action;
    private @Nullable ScheduledFuture<?> set;
    private long when = Long.MAX_VALUE;

    public Alarm(Runnable action) {
        this.action = action;
    }

    /** One thread for all of them, which ends when there is nothing to wait for. */
    private static ScheduledThreadPoolExecutor timer() {
        var timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("offloop-alarm").factory());
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(10, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    public synchronized void setIn(long nanos) {
        long now = Nanos.elapsed();
        long wanted = Nanos.sum(now, Math.max(0, nanos));
        if (wanted < when) {
            cancel();
            when = wanted;
            set = TIMER.schedule(this::ring, wanted - now, TimeUnit.NANOSECONDS);
        }
    }

    public synchronized void cancel() {
        if (set != null) {
            set.cancel(false);
            set = null;
        }
        when = Long.MAX_VALUE;
    }

    private void ring() {
        synchronized (this) {
            set = null;
            when = Long.MAX_VALUE;
        }
        action.run();
    }
}
