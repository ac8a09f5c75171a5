package dev.offloop.internal.engine;

import dev.offloop.TimerHandle;
import java.time.Duration;

/** A callback with a time. It waits in the {@link TimerQueue}, then in the ready queue, then runs. */
public final class Timer extends Callback implements TimerHandle {

    final long when;
    private final long number;

    /** The place in the heap, -1 outside. */
    int index = -1;

    Timer(Loop loop, long when, long number, Runnable action) {
        super(loop, action);
        this.when = when;
        this.number = number;
    }

    boolean before(Timer other) {
        return when != other.when ? when < other.when : number < other.number;
    }

    @Override
    public Duration when() {
        return Duration.ofNanos(when);
    }

    @Override
    public void cancel() {
        super.cancel();
        loop.forget(this);
    }
}
