package dev.offloop.spi;

import dev.offloop.Task;
import org.jspecify.annotations.Nullable;

/**
 * Is called at each step that a loop takes, see {@link dev.offloop.EventLoop#addStepListener}: for tools that measure
 * what occupies the loop, and for how long.
 *
 * <ul>
 *   <li>Called on the loop's thread, between the steps; the loop waits for it.
 *   <li>A listener that is added within a step is called at the end of that step first.
 *   <li>What it throws goes to the loop's exception handler.
 *   <li>A step is what runs from one await of a task to the next, or a callback.
 * </ul>
 */
public interface StepListener {

    /**
     * Called before a step.
     *
     * @param task the task whose step it is; null for a callback
     */
    void begins(@Nullable Task<?> task);

    /**
     * Called after a step.
     *
     * @param task the task whose step it was; null for a callback
     */
    void ends(@Nullable Task<?> task);
}
