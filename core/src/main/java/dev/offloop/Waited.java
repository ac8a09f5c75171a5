package dev.offloop;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Async#waitOn} has found: the futures it was given, in two sets.
 *
 * @param done those that have ended
 * @param pending those that have not, and were not cancelled
 * @param <T> the type of the results
 */
public record Waited<T extends @Nullable Object>(Set<Future<T>> done, Set<Future<T>> pending) {}
