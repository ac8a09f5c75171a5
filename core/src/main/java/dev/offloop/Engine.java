package dev.offloop;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How the loop stops a task in the middle and lets it go on.
 *
 * <p>Both engines run a task on a virtual thread, and a program cannot tell them apart but by speed. The one to use is
 * chosen when the first loop starts: the carried one if {@code java.lang} is open to Offloop ({@code --add-opens
 * java.base/java.lang=ALL-UNNAMED}, or {@code =dev.offloop} on the module path), else the portable one. The system
 * property {@code offloop.engine} set to {@code carried} or {@code portable} decides it. Where neither that property nor {@link
 * Runner.Builder#engine} decides and the portable engine is chosen, the logger {@code dev.offloop} says so once at level INFO, or
 * WARNING if {@code java.lang} is open and this JDK is not one that the carried engine knows.
 */
public enum Engine {
    /** The loop's own platform thread carries the tasks' virtual threads: no hand-over between threads at a switch. */
    CARRIED,

    /** The tasks and the loop are virtual threads of the JDK's scheduler and pass a baton. Needs no flag. */
    PORTABLE;

    /** Decided, and logged, on first use. */
    private static volatile @Nullable Engine preferred;

    /** The property's spelling. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The engine that loops use unless they are told otherwise. */
    static Engine preferred() {
        Engine engine = preferred;
        return engine != null ? engine : decide();
    }

    private static Engine decide() {
        String wish = System.getProperty("offloop.engine", "");
        Engine chosen = choose(wish);
        synchronized (Engine.class) {
            Engine earlier = preferred;
            if (earlier != null) {
                return earlier;
            }
            preferred = chosen;
        }
        if (wish.isEmpty() && chosen == PORTABLE) {
            Notice notice = notice(VirtualThreads.isPackageOpen());
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
                        "Coroutine engine: portable, although java.lang is open: " + VirtualThreads.UNKNOWN_JDK
                                + ". Tasks switch more slowly. -Doffloop.engine=portable accepts that without this warning")
                : new Notice(
                        System.Logger.Level.INFO,
                        "Coroutine engine: portable, since java.lang is not open. Start java with "
                                + VirtualThreads.FLAG
                                + " for the carried engine, on which tasks switch faster, or with"
                                + " -Doffloop.engine=portable to leave it at that");
    }

    private static Engine choose(String wish) {
        return switch (wish) {
            case "carried" -> CARRIED.checked();
            case "portable" -> PORTABLE;
            case "" -> VirtualThreads.open() ? CARRIED : PORTABLE;
            default ->
                throw new IllegalStateException("System property offloop.engine is '" + wish
                        + "': use 'carried' or 'portable', or leave it out");
        };
    }

    /** This engine, or an error that says what it lacks. */
    Engine checked() {
        if (this == CARRIED && !VirtualThreads.open() && VirtualThreads.isPackageOpen()) {
            throw new IllegalStateException(
                    "There is no carried engine here: " + VirtualThreads.UNKNOWN_JDK + ". Use the portable engine");
        }
        if (this == CARRIED && !VirtualThreads.open()) {
            throw new IllegalStateException("The carried engine needs java.lang to be open: start java with "
                    + VirtualThreads.FLAG + ", or use the portable engine");
        }
        return this;
    }
}
