package dev.offloop.spi;

import org.jspecify.annotations.Nullable;

/**
 * What an executor is given by {@code loop.runInExecutor(executor, function)}: running it runs the function. An
 * executor that knows of this type may also end the call without having run it.
 *
 * <ul>
 *   <li>From any thread. The first of run, {@link #complete} and {@link #completeExceptionally} counts.
 *   <li>A call that was cancelled before has ended already: false is returned.
 * </ul>
 */
public interface Offloaded extends Runnable {

    /**
     * Ends the call with a result, as if the function had returned it. The type is not checked.
     *
     * @return false if it has been run, or ended, already
     */
    boolean complete(@Nullable Object result);

    /**
     * Ends the call with an exception, as if the function had thrown it.
     *
     * @return false if it has been run, or ended, already
     */
    boolean completeExceptionally(Throwable thrown);

    /** Whether it is run, was run, has been ended or cancelled: running it would do nothing. */
    boolean isOver();

    /**
     * Says that the call waits for the loop's own tasks, not they for it: a {@link dev.offloop.VirtualClock} jumps, as
     * if the call were not there, until it is run or ended.
     */
    void excludeFromClock();
}
