package dev.offloop.internal.engine;

import dev.offloop.Coroutine;
import dev.offloop.TaskGroup;
import dev.offloop.Timeout;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Turns the void forms into those with a result. */
public final class VoidForms {

    private VoidForms() {}

    public static Coroutine<@Nullable Void> coroutine(Coroutine.Action action) {
        return () -> {
            action.run();
            return null;
        };
    }

    public static Callable<@Nullable Void> callable(Coroutine.Action action) {
        return new BoundFunction<>(action, () -> {
            action.run();
            return null;
        });
    }

    public static Timeout.Body<@Nullable Void> body(Timeout.Action action) {
        return scope -> {
            action.act(scope);
            return null;
        };
    }

    public static TaskGroup.Body<@Nullable Void> body(TaskGroup.Action action) {
        return group -> {
            action.act(group);
            return null;
        };
    }
}
