package dev.offloop.monitor;

import dev.offloop.internal.util.UserCode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Describes a step that blocked an event loop for longer than its threshold: what ran, where it stood and why.
 *
 * <p>A step is what a task runs between two awaits, or a callback. While it runs, no other task of the loop does. A
 * whole turn can be reported too, when its steps are short each but together keep the others waiting; its {@link #task}
 * is null, and {@link #advice} names the places that used the time.
 *
 * <ul>
 *   <li>The stack was sampled while the step was blocked, so {@link #frame} is the line that blocked.
 *   <li>Pauses of the JVM or the machine, and time in which the loop's thread was ready but got no processor, are not
 *       part of {@link #duration}.
 * </ul>
 *
 * <p>Counterpart of the message "Executing … took … seconds" of asyncio's debug mode.
 *
 * @param loop the name of the loop's thread
 * @param task the name of the task; null for a callback and for a whole turn
 * @param duration how long it has blocked the loop so far, at least; zero or more
 * @param cause why it blocked
 * @param frame the innermost frame of the user's code; null if there is none on the stack
 * @param stack the stack of the step, innermost frame first
 * @param advice what to do about it, and what else is known, such as the owner of a lock
 */
public record SlowStep(
        String loop,
        @Nullable String task,
        Duration duration,
        Cause cause,
        @Nullable StackTraceElement frame,
        List<StackTraceElement> stack,
        String advice) {

    /** Says why a step did not end. */
    public enum Cause {
        /** The thread sleeps: {@code Thread.sleep}. */
        SLEEP,
        /** The thread waits for a socket, a file, a pipe or a process. */
        IO,
        /** The thread waits for a lock of {@code java.util.concurrent}. */
        LOCK,
        /** The thread waits to enter a {@code synchronized} block or method. */
        MONITOR,
        /** The thread waits for a future, a latch, another thread, or the like. */
        WAIT,
        /** The thread computes. */
        CPU,
        /** A static initializer runs. */
        CLASS_INIT
    }

    /** Copies the stack. */
    public SlowStep {
        stack = List.copyOf(stack);
    }

    /**
     * Returns the report in words: the task, the duration in milliseconds, the place as
     * {@code Class.method(File.java:line)}, the JDK's method called there, the cause in lower case, and the advice.
     *
     * @return one line
     */
    public String message() {
        return "Event loop " + loop + " was blocked for " + duration.toMillis() + " ms"
                + (task == null ? "" : " by task " + task) + " at " + place() + " ("
                + cause.name().toLowerCase(Locale.ROOT) + "). " + advice;
    }

    private String place() {
        if (frame == null) {
            return stack.isEmpty() ? "an unknown place" : UserCode.text(stack.getFirst());
        }
        int index = stack.indexOf(frame);
        return UserCode.text(frame) + (index > 0 ? ", in " + UserCode.text(stack.get(index - 1)) : "");
    }
}
