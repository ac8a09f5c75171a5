package dev.offloop.internal.engine;

import dev.offloop.Future;
import dev.offloop.OffloadOptions;
import dev.offloop.monitor.ExecutorStatistics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The work outside the loop that will bring its end to the loop, and the executors that do it. The room {@code offload}
 * implements it, so that the engine does not depend on that room.
 *
 * <p>On the loop's side.
 */
public interface ExternalWork {

    /** Makes the external work of a loop. */
    @FunctionalInterface
    interface Factory {
        ExternalWork create(Loop loop, @Nullable Executor defaultExecutor);
    }

    // ---- what the loop waits for

    /** Counts something that is under way. */
    void begin();

    /** Counts something that has ended. */
    void end();

    /** Returns how much is under way, without the functions that wait for the loop in their turn. */
    int count();

    /**
     * Returns the nanoseconds of real time until the next {@link #check}; {@link Long#MAX_VALUE} if there is nothing to
     * check.
     */
    long untilNextCheck();

    /** Ends the calls that would never end by themselves, if the next check is due. */
    void check();

    // ---- executors

    /** Runs a function on an executor; null stands for the default executor. */
    <T extends @Nullable Object> Future<T> run(
            @Nullable Executor executor, OffloadOptions options, Callable<T> function);

    /** Returns the default executor, which is made when it is needed first. */
    Executor defaultExecutor();

    /** Replaces the default executor. */
    void setDefaultExecutor(Executor executor);

    /** Shuts the default executor down without blocking the loop. */
    Future<@Nullable Void> shutdownDefaultExecutor(Duration timeout);

    /** From any thread: returns what was handed to which executor. */
    List<ExecutorStatistics> executors();

    /** The loop has ended. */
    void close();

    /** Lets the default executor end with the calls that it has, for a loop that has no thread any more. */
    void abandonDefaultExecutor();
}
