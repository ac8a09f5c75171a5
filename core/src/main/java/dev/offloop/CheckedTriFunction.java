package dev.offloop;

import org.jspecify.annotations.Nullable;

/**
 * Maps three arguments to a result, and may throw.
 *
 * @param <A> the type of the first argument
 * @param <B> the type of the second argument
 * @param <C> the type of the third argument
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface CheckedTriFunction<
        A extends @Nullable Object,
        B extends @Nullable Object,
        C extends @Nullable Object,
        T extends @Nullable Object> {

    /**
     * Calls the function.
     *
     * @param first the first argument
     * @param second the second argument
     * @param third the third argument
     * @return the result
     * @throws Exception the failure of the function
     */
    T apply(A first, B second, C third) throws Exception;
}
