package dev.offloop;

import org.jspecify.annotations.Nullable;

/** A future that ends when its time has come. */
final class Sleep extends LoopFuture<@Nullable Void> implements Runnable {

    private final Timer timer;

    Sleep(EventLoop loop, long when) {
        super(loop);
        this.timer = loop.timerAt(when, this);
    }

    @Override
    String what() {
        return "sleep(…)";
    }

    @Override
    public void run() {
        succeed(null);
    }

    @Override
    boolean cancelHere(@Nullable String message) {
        timer.cancel();
        return endCancelled(message);
    }
}
