package dev.offloop;

import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says how to offload a function: {@code toThread(OnCancel.WAIT.onProgress(bar::show), () -> …)}.
 *
 * <p>Start with one of {@link OnCancel}.
 */
public sealed interface OffloadOptions permits OnCancel, OffloadOptions.WithProgress {

    /**
     * Returns what a cancellation does.
     *
     * @return the policy
     */
    OnCancel onCancel();

    /**
     * Adds a listener to what the function passes to {@link Offload#progress}. It is called on the loop, in the order
     * of the calls and before the future ends; not after a cancellation.
     *
     * @param listener receives the values
     * @return these options with the listener
     */
    default OffloadOptions onProgress(Consumer<@Nullable Object> listener) {
        return new WithProgress(onCancel(), Objects.requireNonNull(listener, "listener"));
    }

    /**
     * Returns the listener.
     *
     * @return the listener; null if there is none
     */
    default @Nullable Consumer<@Nullable Object> progressListener() {
        return null;
    }

    /**
     * Adds a listener to a policy.
     *
     * @param onCancel what a cancellation does
     * @param progressListener receives the values
     */
    record WithProgress(OnCancel onCancel, Consumer<@Nullable Object> progressListener) implements OffloadOptions {}
}
