package dev.offloop.spi;

import org.jspecify.annotations.Nullable;

/**
 * Runs a function that was given to {@code loop.runInExecutor(executor, function)}: the executor receives an object of
 * this type, and running it runs the function. An executor that knows this type may also end the call without running
 * it.
 *
 * <ul>
 *   <li>All methods may be called from any thread. The first of run, {@link #complete} and
 *       {@link #completeExceptionally} counts.
 *   <li>A call that was cancelled before has ended already: the others return false.
 * </ul>
 */
public interface Offloaded extends Runnable {

    /**
     * Ends the call with a result, as if the function had returned it.
     *
     * @param result the result; its type is not checked
     * @return false if the call has been run, or has ended, already
     */
    boolean complete(@Nullable Object result);

    /**
     * Ends the call with an exception, as if the function had thrown it.
     *
     * @param thrown the exception
     * @return false if the call has been run, or has ended, already
     */
    boolean completeExceptionally(Throwable thrown);

    /**
     * Returns whether to run it would do nothing.
     *
     * @return true if the function runs or has run, or the call has been ended or cancelled
     */
    boolean isOver();

    /**
     * Tells the loop that the call waits for its tasks, not they for the call: a {@link dev.offloop.VirtualClock}
     * jumps, as if the call were not there, until it is run or ended.
     */
    void excludeFromClock();
}
