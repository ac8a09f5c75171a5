package dev.offloop.internal.util;

import dev.offloop.ErrorContext;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The logging of the loop. A logger has locks that a task may hold while it is suspended, so the loop never takes them
 * itself: a short-lived thread does, and the loop waits for it, but not for long.
 */
public final class ErrorLog {

    private static final System.Logger LOG = System.getLogger("dev.offloop");
    private static final long PATIENCE_MILLIS = 1000;

    private ErrorLog() {}

    /** Logs an error that no code handles. */
    public static void error(ErrorContext context) {
        var text = new StringBuilder(context.message());
        if (context.task() != null) {
            text.append(" (").append(context.task()).append(')');
        }
        if (!context.createdAt().isEmpty()) {
            text.append("\nIt was created here:");
            context.createdAt().forEach(frame -> text.append("\n\tat ").append(frame));
        }
        write(() -> log(LOG, Level.ERROR, text.toString(), context.exception()));
    }

    public static void warn(String message) {
        log(Level.WARNING, message);
    }

    public static void log(Level level, String message) {
        write(() -> log(LOG, level, message, null));
    }

    /** Writes into another log in the same way. */
    public static void write(System.Logger logger, Level level, String message) {
        write(() -> log(logger, level, message, null));
    }

    /** Logs without waiting, for callers that must not. */
    public static void warnSoon(String message) {
        var _ = start(() -> log(LOG, Level.WARNING, message, null));
    }

    /** The logger takes its caller for the source of the record, so that is not one of the lambdas. */
    private static void log(System.Logger logger, Level level, String message, @Nullable Throwable thrown) {
        logger.log(level, message, thrown);
    }

    private static Thread start(Runnable log) {
        return Thread.ofPlatform().daemon().name("offloop-log").start(log);
    }

    private static void write(Runnable log) {
        try {
            start(log).join(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
