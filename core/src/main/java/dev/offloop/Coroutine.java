package dev.offloop;

import org.jspecify.annotations.Nullable;

/**
 * The body of a task: ordinary Java in direct style that may {@link Async#await await}.
 *
 * <p>Answers to a Python coroutine function without arguments.
 *
 * @param <T> what it returns
 */
@FunctionalInterface
public interface Coroutine<T extends @Nullable Object> {

    /** Runs the body. What it throws is what the task fails with. */
    T run() throws Exception;

    /** The void form: a body that returns nothing. */
    @FunctionalInterface
    interface Action {

        /** Runs the body. What it throws is what the task, or the offloaded call, fails with. */
        void run() throws Exception;
    }
}
