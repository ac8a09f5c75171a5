package dev.offloop;

import org.jspecify.annotations.Nullable;

/**
 * A function of two arguments that may throw.
 *
 * @param <A> the first argument
 * @param <B> the second argument
 * @param <T> the result
 */
@FunctionalInterface
public interface CheckedBiFunction<A extends @Nullable Object, B extends @Nullable Object, T extends @Nullable Object> {

    /** Calls the function. */
    T apply(A first, B second) throws Exception;
}
