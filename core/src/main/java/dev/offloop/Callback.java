package dev.offloop;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A user's callback in the ready queue: runs at most once, reports what it throws, and can be called off. */
class Callback implements Handle, Runnable {

    final EventLoop loop;
    private volatile @Nullable Runnable action;
    private volatile boolean cancelled;

    Callback(EventLoop loop, Runnable action) {
        this.loop = loop;
        this.action = Objects.requireNonNull(action, "callback");
    }

    @Override
    public void run() {
        Runnable action = this.action;
        if (action == null) {
            return;
        }
        this.action = null;
        try {
            action.run();
        } catch (Throwable t) {
            loop.report(new ErrorContext("Exception in a callback of the event loop", t, null, null));
        }
    }

    @Override
    public void cancel() {
        if (action != null) {
            cancelled = true;
            action = null; // what it captured must not stay reachable until its time comes
        }
    }

    @Override
    public boolean cancelled() {
        return cancelled;
    }
}
