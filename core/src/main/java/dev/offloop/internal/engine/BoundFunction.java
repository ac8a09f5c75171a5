package dev.offloop.internal.engine;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A function in another form, which remembers the one that the user gave: that one says whose it is.
 *
 * @param given what the user gave
 * @param form calls it
 * @param <T> the type of the result
 */
public record BoundFunction<T extends @Nullable Object>(Object given, Callable<T> form) implements Callable<T> {

    public BoundFunction {
        Objects.requireNonNull(given, "function");
    }

    /** Returns what the user gave. */
    public static Object given(Object function) {
        return function instanceof BoundFunction<?> bound ? bound.given : function;
    }

    @Override
    public T call() throws Exception {
        return form.call();
    }
}
