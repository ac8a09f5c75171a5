package dev.offloop.internal.engine;

import dev.offloop.Outcome;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Follows another future, and keeps a cancellation from it. */
public final class ShieldFuture<T extends @Nullable Object> extends LoopFuture<T> implements LoopFuture.Listener {

    private final LoopFuture<? extends T> inner;

    public ShieldFuture(LoopFuture<? extends T> inner) {
        super(inner.loop);
        this.inner = inner;
        inner.listen(this);
    }

    @Override
    public String what() {
        return "a shield";
    }

    @Override
    public Collection<? extends LoopFuture<?>> dependsOn() {
        return List.of(inner);
    }

    @Override
    public boolean cancelHere(@Nullable String message) {
        inner.unlisten(this); // it may live long, and be shielded often
        return endCancelled(message);
    }

    @Override
    public LoopFuture<?> dependent() {
        return this;
    }

    @Override
    public void ended(LoopFuture<?> future) {
        if (inner.cancelled()) {
            endCancelled(null);
            return;
        }
        switch (inner.outcome()) {
            case Outcome.Success<? extends T> success -> succeed(success.result());
            case Outcome.Failure<? extends T>(Throwable exception) -> fail(exception);
        }
    }
}
