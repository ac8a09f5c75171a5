package dev.offloop.spi;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes thread-locals that are not Offloop's along: a logger's diagnostic context, a tracer's current span. Found by
 * {@link java.util.ServiceLoader}.
 *
 * <ul>
 *   <li>{@link #capture} is called on the thread that creates a task, a callback or an offloaded function,
 *       {@link #restore} on the thread that runs it, before it, and the scope is closed there after it.
 *   <li>What one of them throws is logged, and the work goes on without.
 *   <li>Both are called often, from any thread, at any moment: they should be quick and must not wait.
 * </ul>
 */
public interface ContextPropagator {

    /** What the calling thread has; null if that is nothing. */
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
     * What was captured as headers, for a function in another process: {@code traceparent}, say. Called on the thread
     * that captured. The default is none.
     */
    default Map<String, String> toHeaders(@Nullable Object captured) {
        return Map.of();
    }

    /** In that other process: what {@link #restore} shall be given for these headers. The default is nothing. */
    default @Nullable Object fromHeaders(Map<String, String> headers) {
        return null;
    }

    /** The time for which a thread has somebody else's context. */
    @FunctionalInterface
    interface Scope {

        /** Ends it. */
        void close();
    }
}
