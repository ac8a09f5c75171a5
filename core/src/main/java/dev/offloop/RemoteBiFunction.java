package dev.offloop;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A {@link CheckedBiFunction} that can be sent to another process; its arguments travel along.
 *
 * @param <A> the first argument
 * @param <B> the second argument
 * @param <T> the result
 */
@FunctionalInterface
public interface RemoteBiFunction<A extends @Nullable Object, B extends @Nullable Object, T extends @Nullable Object>
        extends CheckedBiFunction<A, B, T>, Serializable {}
