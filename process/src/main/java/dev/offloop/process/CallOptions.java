package dev.offloop.process;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one call: {@code pool.submit(CallOptions.DEFAULT.timeout(Duration.ofSeconds(5)), () -> …)}.
 *
 * @param timeout how long the function may run, counted from its start; null for the pool's {@link
 *     ProcessPoolExecutor.Builder#callTimeout}
 * @param priority of the calls that wait, those with the highest go first; calls of the same priority in their order
 * @param retriesOnCrash how often the call is given to another worker when its worker dies while it runs. Only for functions
 *     that may be run twice
 * @param progressListener is handed what the function says by {@link dev.offloop.Offload#progress}, in that order and
 *     before the future ends, on a thread of the common pool; null for none
 */
public record CallOptions(
        @Nullable Duration timeout,
        int priority,
        int retriesOnCrash,
        @Nullable Consumer<@Nullable Object> progressListener) {

    /** The pool's time-out, priority 0, no retry. */
    public static final CallOptions DEFAULT = new CallOptions(null, 0, 0, null);

    /** Checks its arguments. */
    public CallOptions {
        if (timeout != null && !timeout.isPositive()) {
            throw new IllegalArgumentException("The time-out must be positive: " + timeout);
        }
        if (retriesOnCrash < 0) {
            throw new IllegalArgumentException("There cannot be " + retriesOnCrash + " retries");
        }
    }

    /** These options with another time-out. */
    public CallOptions timeout(Duration timeout) {
        return new CallOptions(timeout, priority, retriesOnCrash, progressListener);
    }

    /** These options with another priority. */
    public CallOptions priority(int priority) {
        return new CallOptions(timeout, priority, retriesOnCrash, progressListener);
    }

    /** These options with a listener to progress. */
    public CallOptions onProgress(Consumer<@Nullable Object> listener) {
        return new CallOptions(timeout, priority, retriesOnCrash, listener);
    }

    /** These options with another number of retries. */
    public CallOptions retryOnCrash(int times) {
        return new CallOptions(timeout, priority, times, progressListener);
    }
}
