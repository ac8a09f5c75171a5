package dev.offloop;

import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Ours to wait for when it takes more than one future; it knows which. */
final class Signal extends LoopFuture<@Nullable Void> {

    private final String what;
    private final Supplier<? extends @Nullable Collection<? extends LoopFuture<?>>> dependsOn;
    private final boolean needsAll;

    /** The end of one of those that it depends on may be enough. */
    Signal(EventLoop loop, String what, Supplier<? extends @Nullable Collection<? extends LoopFuture<?>>> dependsOn) {
        this(loop, what, dependsOn, false);
    }

    Signal(
            EventLoop loop,
            String what,
            Supplier<? extends @Nullable Collection<? extends LoopFuture<?>>> dependsOn,
            boolean needsAll) {
        super(loop);
        this.what = what;
        this.dependsOn = dependsOn;
        this.needsAll = needsAll;
    }

    @Override
    boolean needsAll() {
        return needsAll;
    }

    @Override
    String what() {
        return what;
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
