package dev.offloop;

import org.jspecify.annotations.Nullable;

/**
 * The body of a task: ordinary Java in direct style that may {@link Async#await await}.
 *
 * <p>Counterpart of a Python coroutine function without arguments.
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface Coroutine<T extends @Nullable Object> {

    /**
     * Runs the body.
     *
     * @return the result of the task
     * @throws Exception the failure of the task
     */
    T run() throws Exception;

    /** The void form: a body that returns nothing. */
    @FunctionalInterface
    interface Action {

        /**
         * Runs the body.
         *
         * @throws Exception the failure of the task or of the offloaded call
         */
        void run() throws Exception;
    }
}
