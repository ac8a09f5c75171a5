package dev.offloop.internal.engine;

import dev.offloop.CancelledError;

/**
 * Ends the program when no code has caught the {@link CancelledError} of a signal: without a stack trace, since it is
 * no failure, and after Ctrl-C with the exit code that a shell expects. The launcher would print the error and exit
 * with 1.
 *
 * <p>It is the main thread's handler of uncaught exceptions, which runs before the launcher sets the exit code, so code
 * that catches the error goes on undisturbed. A handler that the program has given that thread stays.
 */
public final class EndedBySignal implements Thread.UncaughtExceptionHandler {

    /** 128 + the number of SIGINT. */
    private static final int EXIT_CODE = 130;

    private final CancelledError error;
    private final boolean exit;
    private final ThreadGroup otherwise;

    private EndedBySignal(CancelledError error, boolean exit, ThreadGroup otherwise) {
        this.error = error;
        this.exit = exit;
        this.otherwise = otherwise;
    }

    /** On the main thread: for the error that it throws next. */
    public static void when(CancelledError error, boolean byCtrlC) {
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler present = thread.getUncaughtExceptionHandler();
        if (present instanceof ThreadGroup group) {
            thread.setUncaughtExceptionHandler(new EndedBySignal(error, byCtrlC, group));
        } else if (present instanceof EndedBySignal earlier) {
            thread.setUncaughtExceptionHandler(new EndedBySignal(error, byCtrlC, earlier.otherwise));
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the very error
    public void uncaughtException(Thread thread, Throwable thrown) {
        if (thrown != error) {
            otherwise.uncaughtException(thread, thrown);
        } else if (exit) {
            System.exit(EXIT_CODE);
        }
    }
}
