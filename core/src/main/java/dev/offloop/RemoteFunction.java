package dev.offloop;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A {@link CheckedFunction} that can be sent to another process; its argument travels along.
 *
 * @param <A> the argument
 * @param <T> the result
 */
@FunctionalInterface
public interface RemoteFunction<A extends @Nullable Object, T extends @Nullable Object>
        extends CheckedFunction<A, T>, Serializable {}
