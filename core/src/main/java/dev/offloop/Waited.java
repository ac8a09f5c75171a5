package dev.offloop;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds the result of {@link Async#waitOn}: the futures that were passed to it, in two sets.
 *
 * @param done the futures that have ended
 * @param pending the futures that have not ended; they were not cancelled
 * @param <T> the type of the results
 */
public record Waited<T extends @Nullable Object>(Set<Future<T>> done, Set<Future<T>> pending) {}
