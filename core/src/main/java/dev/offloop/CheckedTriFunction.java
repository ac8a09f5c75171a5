package dev.offloop;

import org.jspecify.annotations.Nullable;

/**
 * A function of three arguments that may throw.
 *
 * @param <A> the first argument
 * @param <B> the second argument
 * @param <C> the third argument
 * @param <T> the result
 */
@FunctionalInterface
public interface CheckedTriFunction<
        A extends @Nullable Object,
        B extends @Nullable Object,
        C extends @Nullable Object,
        T extends @Nullable Object> {

    /** Calls the function. */
    T apply(A first, B second, C third) throws Exception;
}
