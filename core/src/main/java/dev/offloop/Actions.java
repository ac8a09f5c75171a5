package dev.offloop;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Turns the void forms into those with a result. */
final class Actions {

    private Actions() {}

    static Coroutine<@Nullable Void> coroutine(Coroutine.Action action) {
        return () -> {
            action.run();
            return null;
        };
    }

    static Callable<@Nullable Void> callable(Coroutine.Action action) {
        return () -> {
            action.run();
            return null;
        };
    }

    static Timeout.Body<@Nullable Void> body(Timeout.Action action) {
        return scope -> {
            action.act(scope);
            return null;
        };
    }

    static TaskGroup.Body<@Nullable Void> body(TaskGroup.Action action) {
        return group -> {
            action.act(group);
            return null;
        };
    }
}
