package dev.offloop;

import org.jspecify.annotations.Nullable;

/**
 * A function of one argument that may throw, so that {@code toThread(Files::readString, path)} compiles as it stands.
 *
 * @param <A> the argument
 * @param <T> the result
 */
@FunctionalInterface
public interface CheckedFunction<A extends @Nullable Object, T extends @Nullable Object> {

    /** Calls the function. */
    T apply(A argument) throws Exception;
}
