package dev.offloop.internal.engine;

import dev.offloop.internal.util.CtrlC;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the end of the JVM ({@code SIGTERM}, {@code System.exit}) does to a loop that runs: the main task is cancelled
 * and the loop closed, while a shutdown hook keeps the JVM alive for as long as the time to close allows.
 *
 * <p>As with {@link CtrlC} only the program's main thread installs it.
 *
 * <p><b>No deadlock.</b> A thread in {@code System.exit} waits for all hooks. If it is the loop or its task that does,
 * nothing of the loop can end any more, and the hook does not wait for it.
 */
public final class JvmShutdown implements AutoCloseable {

    /** A JVM ends once: polling is quick enough, and needs no signal from each of those that are waited for. */
    private static final long POLL_MILLIS = 10;

    private final @Nullable Thread hook;
    private volatile boolean begun;
    private volatile boolean runEnded;

    private JvmShutdown(@Nullable Action action) {
        this.hook = action == null
                ? null
                : Thread.ofPlatform().name("offloop-jvm-shutdown").unstarted(() -> {
                    begun = true;
                    action.accept(() -> runEnded);
                });
    }

    /** What a hook does. */
    public interface Action {
        /** Runs on the hook's thread. The argument says whether {@link JvmShutdown#close} has been called. */
        void accept(BooleanSupplier runEnded);
    }

    /** Installs a hook if this is the main thread. {@link #close()} removes it. */
    public static JvmShutdown calls(Action action) {
        var shutdown = new JvmShutdown(CtrlC.onMainThread() ? action : null);
        if (shutdown.hook != null) {
            try {
                Runtime.getRuntime().addShutdownHook(shutdown.hook);
            } catch (IllegalStateException alreadyEnding) {
                return none();
            }
        }
        return shutdown;
    }

    public static JvmShutdown none() {
        return new JvmShutdown(null);
    }

    /** Whether the JVM has begun to end while the loop ran. */
    public boolean begun() {
        return begun;
    }

    @Override
    public void close() {
        runEnded = true;
        if (hook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException ending) {
                // the hook runs or has run
            }
        }
    }

    /**
     * On the hook's thread: waits for a condition. Returns false if the time has expired, or if the loop waits for the
     * hook.
     */
    public static boolean await(BooleanSupplier condition, long deadlineNanos, Loop loop) {
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= deadlineNanos || loopIsInExit(loop)) {
                return false;
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                return false;
            }
        }
        return true;
    }

    private static boolean loopIsInExit(Loop loop) {
        Thread thread = loop.stepThread();
        return thread != null && isInExit(thread.getStackTrace());
    }

    /** Whether a platform thread is: if it is one of the default executor's, that one cannot end. */
    public static boolean aThreadIsInExit() {
        return Thread.getAllStackTraces().values().stream().anyMatch(JvmShutdown::isInExit);
    }

    private static boolean isInExit(StackTraceElement[] stack) {
        return Arrays.stream(stack)
                .anyMatch(frame -> frame.getClassName().equals("java.lang.Runtime")
                        && frame.getMethodName().equals("exit"));
    }
}
