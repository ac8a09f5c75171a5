package dev.offloop.process;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Iterates over the values that a function makes in a worker, while it makes them:
 *
 * <pre>{@code
 * try (RemoteStream<Row> rows = pool.stream(out -> { for (Row row : read(file)) out.emit(row); })) {
 *     for (Row row : rows) { … }
 * }
 * }</pre>
 *
 * <ul>
 *   <li><b>Waiting:</b> in a task of an event loop iterating awaits, so other tasks run; on a plain thread it blocks. A
 *       thread that is interrupted while it waits gets a {@link java.util.concurrent.CompletionException} whose cause
 *       is the {@link InterruptedException}, and the function is cancelled.
 *   <li><b>Back-pressure:</b> a bounded number of values is under way, some thousand small ones or some MiB of large
 *       ones. Then the function waits in {@link Emitter#emit}. A timeout of the call covers that time too.
 *   <li><b>Failures:</b> what the function throws, or the crash of its worker, is thrown after the values that had
 *       arrived: an unchecked exception as it is, a checked one as the cause of a
 *       {@link java.util.concurrent.CompletionException}.
 *   <li><b>Leaving early:</b> {@link #close} cancels the function, as {@code cancel(true)} cancels a call. So does the
 *       cancellation of a task that waits for a value. A stream that was forgotten keeps its worker until the garbage
 *       collector finds it, and is then closed with a warning in the log.
 *   <li><b>Once:</b> the function was handed in when the stream was made, so the values are there once, for one thread
 *       or task at a time.
 * </ul>
 *
 * <p>Counterpart of an asynchronous generator.
 *
 * @param <T> the values
 */
public interface RemoteStream<T extends @Nullable Object> extends Iterable<T>, AutoCloseable {

    /**
     * Returns the values, in the order in which the function sent them. {@code hasNext} and {@code next} wait.
     *
     * @return the iterator; it throws {@link IllegalStateException} once the stream was closed before its end, and
     *     {@link java.util.concurrent.CancellationException} if the pool was shut down at once
     * @throws IllegalStateException if there is an iterator already
     */
    @Override
    Iterator<T> iterator();

    /** Cancels the function, unless it has ended. Does not wait. Further calls have no effect. */
    @Override
    void close();
}
