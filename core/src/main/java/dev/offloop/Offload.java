package dev.offloop;

import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.VoidForms;
import dev.offloop.internal.offload.OffloadedCall;
import dev.offloop.internal.util.ThreadNames;
import dev.offloop.spi.TalkBack;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Lets an offloaded function communicate with its loop, from its own thread.
 *
 * <p>{@link #checkCancelled} and {@link #progress} work in worker processes too. They do nothing where no offloaded
 * function runs, so code that uses them can be called from anywhere.
 *
 * <p>Counterpart of {@code anyio.from_thread}.
 */
public final class Offload {

    private static final ThreadLocal<@Nullable TalkBack> RUNNING = new ThreadLocal<>();

    private Offload() {}

    /**
     * Runs a function in which {@link #checkCancelled} and {@link #progress} call {@code talkBack}: for executors of
     * other kinds.
     *
     * @param talkBack receives the calls
     * @param function the function
     * @param <T> the type of the result
     * @return the result of the function
     * @throws Exception the failure of the function
     */
    public static <T extends @Nullable Object> T within(TalkBack talkBack, Callable<T> function) throws Exception {
        TalkBack outer = RUNNING.get(); // not null when an executor runs its functions in execute()
        RUNNING.set(talkBack);
        try {
            return function.call();
        } finally {
            if (outer == null) {
                RUNNING.remove();
            } else {
                RUNNING.set(outer);
            }
        }
    }

    static boolean isRunning() {
        return RUNNING.get() != null;
    }

    /**
     * Returns what the function on this thread communicates through, so that another thread of it can do so too, in
     * {@link #within}.
     *
     * @return null where no offloaded function runs
     */
    public static @Nullable TalkBack talkBack() {
        return RUNNING.get();
    }

    /**
     * Ends the function if its result is not wanted any more.
     *
     * @throws CancelledError if its future has been cancelled, with that message
     */
    public static void checkCancelled() {
        TalkBack running = RUNNING.get();
        if (running != null) {
            running.checkCancelled();
        }
    }

    /**
     * Passes a value to the listener that was given with {@link OffloadOptions#onProgress}, if there is one. Does not
     * wait for it. No value is left out, so a function that reports often should combine its reports.
     *
     * @param value the value
     */
    public static void progress(@Nullable Object value) {
        TalkBack running = RUNNING.get();
        if (running != null) {
            running.progress(value);
        }
    }

    /**
     * Runs a coroutine on the loop, and blocks this thread until it has ended.
     *
     * <ul>
     *   <li>What it throws is thrown here, the same object.
     *   <li>If the future of this function is cancelled, the coroutine is too, and {@link CancelledError} is thrown
     *       here when it has ended; also when the loop is closing.
     *   <li>Any other interrupt of this thread cancels the coroutine too, and does not wait for it.
     *   <li>A coroutine that waits, without a timeout, for a function that needs the place of this one, in the default
     *       executor or a {@link CapacityLimiter}, gets a {@link java.util.concurrent.RejectedExecutionException}
     *       instead of a deadlock, some 250 ms later.
     * </ul>
     *
     * <p>{@link EventLoop#runCoroutineThreadsafe} does not wait, and may be called from any thread. Counterpart of
     * {@code anyio.from_thread.run}.
     *
     * @param coroutine the coroutine
     * @param <T> the type of the result
     * @return the result of the coroutine
     * @throws Exception the failure of the coroutine
     * @throws IllegalStateException on the loop itself, which would wait for itself; on a thread that runs no offloaded
     *     function; or if the loop is closed
     * @throws InterruptedException if this thread is interrupted
     * @throws CancelledError if the coroutine was cancelled
     */
    public static <T extends @Nullable Object> T call(Coroutine<T> coroutine) throws Exception {
        if (Loop.currentOrNull() != null) {
            throw new IllegalStateException("Offload.call(…) was called on the event loop, which would wait for itself:"
                    + " call await(…) there, it is for functions on other threads");
        }
        if (!(RUNNING.get() instanceof OffloadedCall<?> call)) {
            throw new IllegalStateException("Offload.call(…) was called on "
                    + ThreadNames.name(Thread.currentThread())
                    + ", which runs no function that was offloaded to a thread: use loop.runCoroutineThreadsafe(…)."
                    + " In a worker process there is no loop to call");
        }
        return call.callBack(coroutine);
    }

    /**
     * Behaves as {@link #call(Coroutine)}, for a coroutine that returns nothing.
     *
     * @param coroutine the coroutine
     * @throws Exception the failure of the coroutine
     */
    public static void call(Coroutine.Action coroutine) throws Exception {
        call(VoidForms.coroutine(coroutine));
    }
}
