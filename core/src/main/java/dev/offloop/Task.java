package dev.offloop;

import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.LoopTask;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A coroutine that runs on the loop, and the future of its result.
 *
 * <ul>
 *   <li>Tasks of a loop run one at a time and switch only at an await.
 *   <li>The loop holds its tasks strongly: one that nobody refers to still finishes.
 *   <li>{@link #cancel} raises {@link CancelledError} at the task's next await, and cancels what it awaits now. A task
 *       that has not started never runs its body. A task that catches the error and goes on is not cancelled.
 * </ul>
 *
 * <p>Answers to {@code asyncio.Task}.
 *
 * @param <T> the type of the result
 */
public sealed interface Task<T extends @Nullable Object> extends Future<T> permits LoopTask {

    /** The name given to it, or {@code Task-N}. Its virtual thread has the same name, in thread dumps and logs. */
    String name();

    /** How many cancellations have been asked for and not taken back by {@link #uncancel()}. */
    int cancelling();

    /**
     * Takes one cancellation back: called by code that has caught a {@link CancelledError} that it asked for itself.
     *
     * @return how many are left
     */
    int uncancel();

    /**
     * Where the task is in the user's code: its innermost frame first, which is an await unless the task runs. Empty before
     * its first step and after its last. From any thread; a look at a running task is a snapshot. Answers to {@code
     * Task.get_stack()}.
     */
    List<StackTraceElement> stack();

    /** The task that is running, or null outside of one. Answers to {@code asyncio.current_task()}. */
    static @Nullable Task<?> current() {
        Loop loop = Loop.currentOrNull();
        return loop == null ? null : loop.runningTask();
    }
}
