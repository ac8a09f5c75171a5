package dev.offloop;

import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a function is offloaded: {@code toThread(OnCancel.WAIT.onProgress(bar::show), () -> …)}.
 *
 * <p>Begins with one of {@link OnCancel}.
 */
public sealed interface OffloadOptions permits OnCancel, OffloadOptions.WithProgress {

    /** What a cancellation does. */
    OnCancel onCancel();

    /**
     * These options, and a listener to what the function says with {@link Offload#progress}. It is called on the loop,
     * in the order of the calls and before the future ends; after a cancellation no more.
     */
    default OffloadOptions onProgress(Consumer<@Nullable Object> listener) {
        return new WithProgress(onCancel(), Objects.requireNonNull(listener, "listener"));
    }

    /** The listener, if there is one. */
    default @Nullable Consumer<@Nullable Object> progressListener() {
        return null;
    }

    /** Options with a listener. */
    record WithProgress(OnCancel onCancel, Consumer<@Nullable Object> progressListener) implements OffloadOptions {}
}
