package dev.offloop;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Describes an error that no await reports, for the loop's exception handler.
 *
 * @param message what happened, in a sentence
 * @param exception what was thrown, if anything was
 * @param task the task it happened in, if any
 * @param future the future it happened to, if any
 * @param createdAt the stack of the code that created the task or future, innermost first; empty unless the loop is in
 *     {@linkplain Runner.Builder#debug debug mode}
 */
public record ErrorContext(
        String message,
        @Nullable Throwable exception,
        @Nullable Task<?> task,
        @Nullable Future<?> future,
        List<StackTraceElement> createdAt) {}
