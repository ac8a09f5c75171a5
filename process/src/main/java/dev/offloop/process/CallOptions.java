package dev.offloop.process;

import dev.offloop.internal.util.Durations;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sets options for one call: {@code pool.submit(CallOptions.DEFAULT.timeout(Duration.ofSeconds(5)), () -> …)}.
 *
 * <p><b>Timeout.</b> The time covers running the function and reading its result. When it is over, the call is
 * cancelled and its future fails with a {@link CallTimeoutException}.
 *
 * <p><b>Processor time.</b> The time that all threads of the worker's process spend on processors while it runs the
 * function, its compiler and collector too, but not the processes that it starts. So a function that waits uses none,
 * and one that runs on four threads uses it up four times as fast. A worker uses more for the first calls, which it
 * compiles. The system counts in steps of 10 ms, and a function may use a few of them more before that is seen. What
 * follows is the same as for the timeout, with a {@link CallTimeoutException} that says so. Where the system does not
 * say how much time a process has used, the limit has no effect; Linux, macOS and Windows do.
 *
 * <p><b>Priority.</b> Waiting calls with the highest priority run first, calls of the same priority in the order of
 * their submission. Calls that run are not interrupted for others. Once a pool has been given a call with a priority
 * other than 0, it sends no calls ahead to busy workers any more, so many short calls take longer.
 *
 * <p><b>Progress.</b> The listener gets what the function passes to {@link dev.offloop.Offload#progress}:
 *
 * <ul>
 *   <li>It is called on a results thread of the pool, for one value after the other, in the order in which the function
 *       sent them.
 *   <li>It gets all values before the future ends, unless the call is cancelled or times out, or its worker dies. Then
 *       the remaining values are dropped, and a listener that still runs may be interrupted.
 *   <li>A slow listener slows its own function down (back-pressure): values wait in memory up to a bound, then the
 *       worker waits. The time that the listener takes counts as time of the call.
 *   <li>What the listener throws is logged by the logger {@code dev.offloop}; the call goes on.
 * </ul>
 *
 * @param timeout how long the function may run, counted from when an idle worker gets it, anew for each attempt after a
 *     crash: neither the wait for a worker nor the attempts before count; more than zero, or null for the pool's
 *     {@link ProcessPoolExecutor.Builder#callTimeout}
 * @param priority the priority among the calls that wait, any number; the highest runs first
 * @param retriesOnCrash how often the call is given to another worker after its worker died while it ran the function;
 *     zero or more. Only for functions that may run twice
 * @param progressListener gets the progress values of the function; null for none
 * @param cpuTime how much processor time the function may use; more than zero, or null for any amount
 */
public record CallOptions(
        @Nullable Duration timeout,
        int priority,
        int retriesOnCrash,
        @Nullable Consumer<@Nullable Object> progressListener,
        @Nullable Duration cpuTime) {

    /**
     * Options with the pool's timeout, priority 0, no retry and no progress listener, and any amount of processor time.
     */
    public static final CallOptions DEFAULT = new CallOptions(null, 0, 0, null, null);

    /**
     * Makes options. It is shorter to derive them from {@link #DEFAULT}.
     *
     * @throws IllegalArgumentException if the timeout or the processor time is not more than zero, or the number of
     *     retries is negative
     */
    public CallOptions {
        if (timeout != null) {
            timeout = Durations.positive("The timeout", timeout);
        }
        if (cpuTime != null) {
            cpuTime = Durations.positive("The processor time", cpuTime);
        }
        if (retriesOnCrash < 0) {
            throw new IllegalArgumentException("There cannot be " + retriesOnCrash + " retries");
        }
    }

    /**
     * Returns these options with another timeout.
     *
     * @param timeout how long the function may run, counted from when an idle worker gets it; more than zero
     * @return the changed options
     * @throws IllegalArgumentException if the timeout is not more than zero
     */
    public CallOptions timeout(Duration timeout) {
        return new CallOptions(timeout, priority, retriesOnCrash, progressListener, cpuTime);
    }

    /**
     * Returns these options with a limit of processor time, as described at {@link CallOptions}.
     *
     * @param time how much processor time the function may use; more than zero
     * @return the changed options
     * @throws IllegalArgumentException if the time is not more than zero
     */
    public CallOptions cpuTime(Duration time) {
        return new CallOptions(timeout, priority, retriesOnCrash, progressListener, time);
    }

    /**
     * Returns these options with another priority.
     *
     * @param priority the priority among the calls that wait, any number; the highest runs first, the default is 0
     * @return the changed options
     */
    public CallOptions priority(int priority) {
        return new CallOptions(timeout, priority, retriesOnCrash, progressListener, cpuTime);
    }

    /**
     * Returns these options with a progress listener, as described at {@link CallOptions}.
     *
     * @param listener gets the progress values of the function
     * @return the changed options
     */
    public CallOptions onProgress(Consumer<@Nullable Object> listener) {
        return new CallOptions(timeout, priority, retriesOnCrash, listener, cpuTime);
    }

    /**
     * Returns these options with another number of retries. Only for functions that may run twice.
     *
     * @param times how often the call is given to another worker after its worker died while it ran the function; zero
     *     or more, the default is 0
     * @return the changed options
     * @throws IllegalArgumentException if the number is negative
     */
    public CallOptions retryOnCrash(int times) {
        return new CallOptions(timeout, priority, times, progressListener, cpuTime);
    }
}
