package dev.offloop;

import dev.offloop.internal.util.Sneaky;
import java.io.Serializable;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Callable} that can be sent to another process: a lambda written where one is expected is serializable
 * without a cast, and what it captures travels with it.
 *
 * @param <T> what it returns
 */
@FunctionalInterface
public interface RemoteCallable<T extends @Nullable Object> extends Callable<T>, Serializable {

    /** The function that runs an action and returns null: {@code Executors.callable} for those that can be sent. */
    static RemoteCallable<@Nullable Void> of(Action action) {
        return () -> {
            action.call();
            return null;
        };
    }

    /**
     * The void form. It is also a {@link Runnable}, which is why an overload that takes it is chosen before one that
     * takes a plain {@code Runnable}.
     */
    @FunctionalInterface
    @SuppressWarnings("FunctionalInterfaceMethodChanged") // run() is call(), but for what its signature can say
    interface Action extends Coroutine.Action, Runnable, Serializable {

        /** Runs the body in the other process. */
        void call() throws Exception;

        /** Calls {@link #call()} and lets whatever it throws through. */
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
