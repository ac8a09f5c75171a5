package dev.offloop;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A {@link CheckedTriFunction} that can be sent to another process; its arguments travel along.
 *
 * @param <A> the first argument
 * @param <B> the second argument
 * @param <C> the third argument
 * @param <T> the result
 */
@FunctionalInterface
public interface RemoteTriFunction<
                A extends @Nullable Object,
                B extends @Nullable Object,
                C extends @Nullable Object,
                T extends @Nullable Object>
        extends CheckedTriFunction<A, B, C, T>, Serializable {}
