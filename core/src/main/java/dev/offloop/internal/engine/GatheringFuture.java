package dev.offloop.internal.engine;

import dev.offloop.Outcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The future of many futures' results, in the order in which they were given.
 *
 * <p>The first failure ends it, the others go on; cancelling it cancels all and ends when they have ended. With
 * {@code anyEnd} a failure is a result like any other.
 *
 * @param <C> what the children give
 * @param <E> what the list is made of
 */
public final class GatheringFuture<C extends @Nullable Object, E extends @Nullable Object> extends LoopFuture<List<E>>
        implements LoopFuture.Listener {

    private final List<LoopFuture<? extends C>> children;
    private final boolean anyEnd;
    private final Function<? super Outcome<? extends C>, ? extends E> toElement;
    private int pending;
    private boolean cancelRequested;
    private @Nullable String cancelMessage;

    /** The child that awaited this future itself, and was cancelled with it. */
    private @Nullable LoopFuture<?> circular;

    public GatheringFuture(
            Loop loop,
            List<LoopFuture<? extends C>> children,
            boolean anyEnd,
            Function<? super Outcome<? extends C>, ? extends E> toElement) {
        super(loop);
        this.children = children;
        this.anyEnd = anyEnd;
        this.toElement = toElement;
        this.pending = children.size();
        if (children.isEmpty()) {
            succeed(List.of());
        }
        for (LoopFuture<? extends C> child : children) {
            if (!done()) {
                child.listen(this);
            }
        }
    }

    @Override
    public Collection<? extends LoopFuture<?>> dependsOn() {
        return children;
    }

    @Override
    public String what() {
        return "a gather of " + children.size() + (children.size() == 1 ? " future" : " futures");
    }

    @Override
    public boolean needsAll() {
        return anyEnd;
    }

    @Override
    public LoopFuture<?> dependent() {
        return this;
    }

    @Override
    public void ended(LoopFuture<?> child) {
        pending--;
        if (done()) {
            return;
        }
        boolean asRequested = cancelRequested && (child.cancelled() || child == circular);
        if (!anyEnd && !asRequested && child.outcome() instanceof Outcome.Failure<?>(Throwable exception)) {
            fail(exception);
            children.forEach(this::letGo);
        } else if (pending == 0 && cancelRequested) {
            endCancelled(cancelMessage);
        } else if (pending == 0) {
            List<E> results = new ArrayList<>(children.size());
            for (LoopFuture<? extends C> each : children) {
                results.add(toElement.apply(each.outcome()));
            }
            succeed(results);
        }
    }

    /** The first failure speaks for all. The others may live long, and be gathered often. */
    private void letGo(LoopFuture<?> child) {
        child.unlisten(this);
        child.ignoreFailure();
        if (child.done()) {
            child.outcome();
        }
    }

    @Override
    public boolean cancelHere(@Nullable String message) {
        return CancellationWalk.below(this, message);
    }

    /**
     * A cancellation came back here: the failure of this child, a timeout say, is its end, and not news for this
     * future.
     */
    void expectEndOf(LoopFuture<?> child) {
        circular = child;
    }

    /** Takes note of a cancellation, and returns what it has to be passed on to. */
    List<LoopFuture<? extends C>> beginCancel(@Nullable String message) {
        if (done()) {
            return List.of();
        }
        cancelRequested = true;
        cancelMessage = message;
        return children;
    }
}
