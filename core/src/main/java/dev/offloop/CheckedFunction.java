package dev.offloop;

import org.jspecify.annotations.Nullable;

/**
 * Maps an argument to a result, and may throw, so that {@code toThread(Files::readString, path)} compiles as it stands.
 *
 * @param <A> the type of the argument
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface CheckedFunction<A extends @Nullable Object, T extends @Nullable Object> {

    /**
     * Calls the function.
     *
     * @param argument the argument
     * @return the result
     * @throws Exception the failure of the function
     */
    T apply(A argument) throws Exception;
}
