package dev.offloop.internal.engine;

import org.jspecify.annotations.Nullable;

/** A future that ends when its time has come. */
public final class SleepFuture extends LoopFuture<@Nullable Void> implements Runnable {

    private final Timer timer;

    public SleepFuture(Loop loop, long when) {
        super(loop);
        this.timer = loop.timerAt(when, this);
    }

    @Override
    public String what() {
        return "sleep(…)";
    }

    @Override
    public void run() {
        succeed(null);
    }

    @Override
    public boolean cancelHere(@Nullable String message) {
        timer.cancel();
        return endCancelled(message);
    }
}
