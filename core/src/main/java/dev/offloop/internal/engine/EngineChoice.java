package dev.offloop.internal.engine;

import dev.offloop.Engine;
import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.JdkInternals;
import org.jspecify.annotations.Nullable;

/** Chooses the engine of loops that do not ask for one, and says so in the log. */
public final class EngineChoice {

    /** Decided, and logged, on first use. */
    private static volatile @Nullable Engine preferred;

    private EngineChoice() {}

    /** Returns the engine that loops use unless one was set for them. */
    public static Engine preferred() {
        Engine engine = preferred;
        return engine != null ? engine : decide();
    }

    private static Engine decide() {
        String wish = System.getProperty("offloop.engine", "");
        Engine chosen = choose(wish);
        synchronized (EngineChoice.class) {
            Engine earlier = preferred;
            if (earlier != null) {
                return earlier;
            }
            preferred = chosen;
        }
        if (wish.isEmpty() && chosen == Engine.PORTABLE) {
            Notice notice = notice(JdkInternals.isPackageOpen());
            ErrorLog.log(notice.level, notice.message);
        } else {
            ErrorLog.log(System.Logger.Level.DEBUG, "Coroutine engine: " + chosen);
        }
        return chosen;
    }

    /** A line of the log. */
    record Notice(System.Logger.Level level, String message) {}

    /** Says why tasks run on the portable engine, and what to do about it. */
    static Notice notice(boolean packageOpen) {
        return packageOpen
                ? new Notice(
                        System.Logger.Level.WARNING,
                        "Coroutine engine: portable, although java.lang is open: " + JdkInternals.UNKNOWN_JDK
                                + ". Tasks switch more slowly. -Doffloop.engine=portable accepts that without this warning")
                : new Notice(
                        System.Logger.Level.INFO,
                        "Coroutine engine: portable, since java.lang is not open. Start java with "
                                + JdkInternals.FLAG
                                + " for the carried engine, on which tasks switch faster, or with"
                                + " -Doffloop.engine=portable to leave it at that");
    }

    private static Engine choose(String wish) {
        return switch (wish) {
            case "carried" -> checked(Engine.CARRIED);
            case "portable" -> Engine.PORTABLE;
            case "" -> JdkInternals.open() ? Engine.CARRIED : Engine.PORTABLE;
            default ->
                throw new IllegalStateException("System property offloop.engine is '" + wish
                        + "': use 'carried' or 'portable', or leave it out");
        };
    }

    /** Returns the engine, or throws an error that says what it lacks. */
    public static Engine checked(Engine engine) {
        if (engine == Engine.CARRIED && !JdkInternals.open() && JdkInternals.isPackageOpen()) {
            throw new IllegalStateException(
                    "There is no carried engine here: " + JdkInternals.UNKNOWN_JDK + ". Use the portable engine");
        }
        if (engine == Engine.CARRIED && !JdkInternals.open()) {
            throw new IllegalStateException("The carried engine needs java.lang to be open: start java with "
                    + JdkInternals.FLAG + ", or use the portable engine");
        }
        return engine;
    }
}
