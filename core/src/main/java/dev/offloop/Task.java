package dev.offloop;

import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.LoopTask;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs a coroutine on the loop, and is the future of its result.
 *
 * <ul>
 *   <li>Tasks of a loop run one at a time and switch only at an await.
 *   <li>The loop holds its tasks strongly: a task without other references still finishes.
 *   <li>{@link #cancel} throws {@link CancelledError} at the task's next await, and cancels what it awaits now. A task
 *       that has not started never runs its body. A task that catches the error and goes on is not cancelled.
 * </ul>
 *
 * <p>Counterpart of {@code asyncio.Task}.
 *
 * @param <T> the type of the result
 */
public sealed interface Task<T extends @Nullable Object> extends Future<T> permits LoopTask {

    /**
     * Returns the name of this task, which its virtual thread has too, in thread dumps and logs.
     *
     * @return the name given to {@code createTask}, or {@code Task-N}
     */
    String name();

    /**
     * Returns the number of cancellations that were requested and not taken back by {@link #uncancel()}.
     *
     * @return the number of pending cancellations, zero or more
     */
    int cancelling();

    /**
     * Takes one cancellation back. Call it after catching a {@link CancelledError} that your own code requested.
     *
     * @return the number of cancellations that are left
     */
    int uncancel();

    /**
     * Returns the frames of the user's code in which this task is, innermost first: an await unless the task runs.
     *
     * <p>May be called from any thread; for a running task the result is a snapshot. Counterpart of
     * {@code Task.get_stack()}.
     *
     * @return the frames; empty before the first step of the task and after its last
     */
    List<StackTraceElement> stack();

    /**
     * Returns the task that is running. Counterpart of {@code asyncio.current_task()}.
     *
     * @return the current task, or null outside of a task
     */
    static @Nullable Task<?> current() {
        Loop loop = Loop.currentOrNull();
        return loop == null ? null : loop.runningTask();
    }
}
