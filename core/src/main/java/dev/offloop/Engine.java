package dev.offloop;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How the loop stops a task in the middle and lets it go on.
 *
 * <p>Both engines run a task on a virtual thread, and a program cannot tell them apart but by speed. The one to use is
 * chosen when the first loop starts: the carried one if {@code java.lang} is open to Offloop ({@code --add-opens
 * java.base/java.lang=ALL-UNNAMED}, or {@code =dev.offloop} on the module path), else the portable one. The system
 * property {@code offloop.engine} set to {@code carried} or {@code portable} decides it.
 */
public enum Engine {
    /** The loop's own platform thread carries the tasks' virtual threads: no hand-over between threads at a switch. */
    CARRIED,

    /** The tasks and the loop are virtual threads of the JDK's scheduler and pass a baton. Needs no flag. */
    PORTABLE;

    private static final System.Logger LOG = System.getLogger("dev.offloop");

    /** Decided on first use; two threads that come first at once decide the same. */
    private static volatile @Nullable Engine preferred;

    /** The property's spelling. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The engine that loops use unless they are told otherwise. */
    static Engine preferred() {
        Engine engine = preferred;
        if (engine == null) {
            engine = choose(System.getProperty("offloop.engine", ""));
            preferred = engine;
            Engine chosen = engine;
            LOG.log(
                    System.Logger.Level.DEBUG,
                    () -> "Coroutine engine: " + chosen
                            + (VirtualThreads.open() ? "" : " (java.lang is not open: " + VirtualThreads.FLAG + ")"));
        }
        return engine;
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
        if (this == CARRIED && !VirtualThreads.open()) {
            throw new IllegalStateException("The carried engine needs java.lang to be open: start java with "
                    + VirtualThreads.FLAG + ", or use the portable engine");
        }
        return this;
    }
}
