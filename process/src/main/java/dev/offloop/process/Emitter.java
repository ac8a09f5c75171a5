package dev.offloop.process;

import org.jspecify.annotations.Nullable;

/**
 * Takes the values that a {@link RemoteGenerator} makes, and sends them to whoever iterates.
 *
 * @param <T> the values
 */
public interface Emitter<T extends @Nullable Object> {

    /**
     * Sends a value.
     *
     * <ul>
     *   <li>Waits while too many values are under way: a slow reader slows its function down.
     *   <li>A value that is followed by others soon may be sent together with them, within some milliseconds.
     *   <li>The value is written at once: later changes to it are not seen.
     *   <li>For the thread of the function.
     * </ul>
     *
     * @param value what to send; null too
     * @throws NotTransferableException if the value cannot be sent; the function may go on
     * @throws dev.offloop.CancelledError if the stream was closed, or its call cancelled or timed out
     */
    void emit(T value);
}
