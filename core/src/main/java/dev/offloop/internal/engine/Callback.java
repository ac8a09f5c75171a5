package dev.offloop.internal.engine;

import dev.offloop.Handle;
import dev.offloop.internal.context.Context;
import dev.offloop.internal.util.Errors;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A user's callback in the ready queue: runs at most once, reports what it throws, and can be called off. */
public class Callback implements Handle, Runnable {

    final Loop loop;
    private final Context.Snapshot context;
    private volatile @Nullable Runnable action;
    private volatile boolean cancelled;

    public Callback(Loop loop, Runnable action) {
        this(loop, Context.Snapshot.take(), action);
    }

    public Callback(Loop loop, Context.Snapshot context, Runnable action) {
        this.loop = loop;
        this.context = context;
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
            context.run(action);
        } catch (Throwable t) {
            loop.report(Errors.of("Exception in a callback of the event loop", t));
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
