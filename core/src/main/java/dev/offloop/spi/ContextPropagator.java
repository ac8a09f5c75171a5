package dev.offloop.spi;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Carries thread-locals that are not Offloop's to where the work goes on: a logger's diagnostic context, a tracer's
 * current span. Found by {@link java.util.ServiceLoader}.
 *
 * <ul>
 *   <li>{@link #capture} is called on the thread that creates a task, a callback or an offloaded function,
 *       {@link #restore} on the thread that runs it, before it, and the scope is closed there after it.
 *   <li>What one of them throws is logged, and the work goes on without it.
 *   <li>Both are called often, from any thread, at any moment: they should be quick and must not wait.
 * </ul>
 */
public interface ContextPropagator {

    /**
     * Captures what the calling thread has.
     *
     * @return what it has; null for nothing
     */
    @Nullable
    Object capture();

    /**
     * Gives the calling thread what was captured, and nothing else: it may have something of its own.
     *
     * @param captured what {@link #capture} has returned, also if that was null
     * @return puts back what the thread had before
     */
    Scope restore(@Nullable Object captured);

    /**
     * Writes what was captured as headers, {@code traceparent} for example, for a function in another process. Called
     * on the thread that captured. The default returns none.
     *
     * @param captured what {@link #capture} has returned
     * @return the headers
     */
    default Map<String, String> toHeaders(@Nullable Object captured) {
        return Map.of();
    }

    /**
     * Reads headers in the other process. The default returns null.
     *
     * @param headers what {@link #toHeaders} has returned
     * @return what to give to {@link #restore}
     */
    default @Nullable Object fromHeaders(Map<String, String> headers) {
        return null;
    }

    /** Bounds the time for which a thread has the context of other work. */
    @FunctionalInterface
    interface Scope {

        /** Puts back what the thread had before. */
        void close();
    }
}
