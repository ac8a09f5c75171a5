package dev.offloop.internal.engine;

import java.util.Collection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Ours to wait for when it takes more than one future; it knows which. */
public final class SignalFuture extends LoopFuture<@Nullable Void> {

    private final String what;
    private final Supplier<? extends @Nullable Collection<? extends LoopFuture<?>>> dependsOn;
    private final boolean needsAll;

    /** The end of one of those that it depends on may be enough. */
    public SignalFuture(
            Loop loop, String what, Supplier<? extends @Nullable Collection<? extends LoopFuture<?>>> dependsOn) {
        this(loop, what, dependsOn, false);
    }

    public SignalFuture(
            Loop loop,
            String what,
            Supplier<? extends @Nullable Collection<? extends LoopFuture<?>>> dependsOn,
            boolean needsAll) {
        super(loop);
        this.what = what;
        this.dependsOn = dependsOn;
        this.needsAll = needsAll;
    }

    @Override
    public boolean needsAll() {
        return needsAll;
    }

    @Override
    public String what() {
        return what;
    }

    @Override
    @Nullable
    public Collection<? extends LoopFuture<?>> dependsOn() {
        return dependsOn.get();
    }

    public void give() {
        succeed(null);
    }
}
