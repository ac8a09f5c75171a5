package dev.offloop.internal.monitor;

import dev.offloop.internal.util.UserCode;
import dev.offloop.monitor.SlowStep.Cause;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a thread was doing at a moment: where it stood and why it did not go on.
 *
 * <p>The cause follows from the thread's state and from the JDK's methods above the user's innermost frame. A thread
 * that waits in a socket parks, in a lock it parks too: so the methods are asked first.
 *
 * @param thread the thread
 * @param state its state
 * @param stack its stack, innermost frame first
 */
public record Sample(Thread thread, Thread.State state, List<StackTraceElement> stack) {

    private static final List<String> IO_PACKAGES = List.of("java.net.", "sun.nio.ch.", "sun.nio.fs.");
    private static final Set<String> IO_CLASSES = Set.of(
            "java.io.Console",
            "java.io.FileDescriptor",
            "java.io.FileInputStream",
            "java.io.FileOutputStream",
            "java.io.RandomAccessFile",
            "java.io.UnixFileSystem",
            "java.io.WinNTFileSystem",
            "java.lang.Process",
            "java.lang.ProcessHandleImpl",
            "java.lang.ProcessImpl");
    private static final List<String> LOCKS = List.of(
            "java.util.concurrent.locks.ReentrantLock",
            "java.util.concurrent.locks.ReentrantReadWriteLock",
            "java.util.concurrent.locks.StampedLock");
    private static final List<String> LOADING = List.of(
            "java.lang.ClassLoader",
            "java.lang.invoke.",
            "java.lang.runtime.",
            "jdk.internal.loader.",
            "java.util.jar.",
            "java.util.zip.");

    /** Takes a sample of a thread. */
    public static Sample of(Thread thread) {
        Thread.State before = thread.getState();
        List<StackTraceElement> stack = List.of(thread.getStackTrace());
        Thread.State after = thread.getState();
        // One that has just begun to run counts as running.
        return new Sample(thread, before == after ? before : Thread.State.RUNNABLE, stack);
    }

    /** Returns the user's innermost frame; null if there is none. */
    @Nullable
    StackTraceElement frame() {
        List<StackTraceElement> users = UserCode.of(stack.toArray(StackTraceElement[]::new));
        return users.isEmpty() ? null : users.getFirst();
    }

    /** Returns the place in the user's code and the cause. */
    Place place() {
        return new Place(frame(), cause(), false);
    }

    /** Returns why the thread does not go on. */
    Cause cause() {
        StackTraceElement frame = frame();
        List<StackTraceElement> jdks = frame == null ? stack : stack.subList(0, stack.indexOf(frame));
        boolean waits = state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
        if (stack.stream().anyMatch(Sample::isUsersInitializer)) {
            return Cause.CLASS_INIT;
        } else if (any(jdks, Sample::isSleep)) {
            return Cause.SLEEP;
        } else if ((waits || isNative()) && any(jdks, Sample::isIo)) {
            return Cause.IO;
        } else if (state == Thread.State.BLOCKED) {
            return Cause.MONITOR;
        } else if (waits) {
            boolean forLock = any(jdks, call -> startsWithAny(call, LOCKS))
                    && !any(jdks, call -> call.getClassName().endsWith("ConditionObject"));
            return forLock ? Cause.LOCK : Cause.WAIT;
        }
        return Cause.CPU;
    }

    /** Returns whether the JVM loads or links classes here, as it does a lot at its start. */
    boolean loadsClasses() {
        StackTraceElement frame = frame();
        return any(
                stack.subList(0, frame == null ? stack.size() : stack.indexOf(frame)),
                call -> startsWithAny(call, LOADING));
    }

    /** Returns whether a native method is innermost, which may wait without a state that says so. */
    boolean isNative() {
        return !stack.isEmpty() && stack.getFirst().isNativeMethod();
    }

    private static boolean any(List<StackTraceElement> calls, Predicate<StackTraceElement> test) {
        return calls.stream().anyMatch(test);
    }

    private static boolean isUsersInitializer(StackTraceElement call) {
        return call.getMethodName().equals("<clinit>")
                && !UserCode.of(new StackTraceElement[] {call}).isEmpty();
    }

    private static boolean isSleep(StackTraceElement call) {
        return call.getMethodName().startsWith("sleep")
                && (call.getClassName().equals("java.lang.Thread")
                        || call.getClassName().equals("java.lang.VirtualThread"));
    }

    private static boolean isIo(StackTraceElement call) {
        return startsWithAny(call, IO_PACKAGES) || IO_CLASSES.contains(call.getClassName());
    }

    private static boolean startsWithAny(StackTraceElement call, List<String> prefixes) {
        return prefixes.stream().anyMatch(call.getClassName()::startsWith);
    }
}
