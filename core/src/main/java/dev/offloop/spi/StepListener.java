package dev.offloop.spi;

import dev.offloop.Task;
import org.jspecify.annotations.Nullable;

/**
 * Told of every step that a loop takes, by {@link dev.offloop.EventLoop#addStepListener}: for tools that measure who
 * holds the loop, and for how long.
 *
 * <ul>
 *   <li>Called on the loop's thread, between the steps; what it takes, the loop takes.
 *   <li>One that is added in the middle of a step hears of the end of that step first.
 *   <li>What it throws goes to the loop's exception handler.
 *   <li>A step goes from one await of a task to the next, or is a callback.
 * </ul>
 */
public interface StepListener {

    /**
     * A step begins.
     *
     * @param task whose step it is; null for a callback
     */
    void begins(@Nullable Task<?> task);

    /** The step is over. */
    void ends(@Nullable Task<?> task);
}
