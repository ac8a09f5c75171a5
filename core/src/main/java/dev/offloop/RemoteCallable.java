package dev.offloop;

import dev.offloop.internal.util.Sneaky;
import java.io.Serializable;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Computes a result in another process: a lambda that is written where one is expected is serializable without a cast,
 * and what it captures is sent along.
 *
 * <p>In a named module, the package of a lambda that is sent must be open to {@code dev.offloop.process} for the error
 * to name the path to a value that cannot be sent.
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface RemoteCallable<T extends @Nullable Object> extends Callable<T>, Serializable {

    /**
     * Returns a function that runs an action and returns null, as {@code Executors.callable} does for one that is not
     * sent.
     *
     * @param action the action
     * @return the function
     */
    static RemoteCallable<@Nullable Void> of(Action action) {
        return () -> {
            action.call();
            return null;
        };
    }

    /**
     * Runs in another process and returns nothing. It is also a {@link Runnable}, so that an overload that takes it is
     * chosen before one that takes a plain {@code Runnable}.
     */
    @FunctionalInterface
    @SuppressWarnings("FunctionalInterfaceMethodChanged") // run() is call(), but for what its signature can say
    interface Action extends Coroutine.Action, Runnable, Serializable {

        /**
         * Runs the body in the other process.
         *
         * @throws Exception the failure of the body
         */
        void call() throws Exception;

        /** Calls {@link #call()} and throws what it throws. */
        @Override
        default void run() {
            try {
                call();
            } catch (Exception e) {
                throw Sneaky.rethrow(e);
            }
        }
    }
}
