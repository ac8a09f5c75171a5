package dev.offloop;

import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Ours to wait for when it takes more than one future; it knows which. */
final class Signal extends LoopFuture<@Nullable Void> {

    private final Supplier<? extends @Nullable Collection<? extends LoopFuture<?>>> dependsOn;

    Signal(EventLoop loop, Supplier<? extends @Nullable Collection<? extends LoopFuture<?>>> dependsOn) {
        super(loop);
        this.dependsOn = dependsOn;
    }

    @Override
    @Nullable
    Collection<? extends LoopFuture<?>> dependsOn() {
        return dependsOn.get();
    }

    void give() {
        succeed(null);
    }
}
