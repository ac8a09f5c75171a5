package dev.offloop;

import java.util.Locale;

/**
 * Selects how the loop suspends and resumes a task.
 *
 * <p>Both engines run a task on a virtual thread, and differ for a program in speed only. The one to use is chosen when
 * the first loop starts: the carried one if {@code java.lang} is open to Offloop ({@code --add-opens
 * java.base/java.lang=ALL-UNNAMED}, or {@code =dev.offloop} on the module path), else the portable one. The system
 * property {@code offloop.engine} set to {@code carried} or {@code portable} decides it. Where neither that property
 * nor {@link Runner.Builder#engine} decides and the portable engine is chosen, the logger {@code dev.offloop} says so
 * once at level INFO, or WARNING if {@code java.lang} is open and this JDK is not one that the carried engine knows.
 */
public enum Engine {
    /** The loop's own platform thread carries the tasks' virtual threads: no hand-over between threads at a switch. */
    CARRIED,

    /** The tasks and the loop are virtual threads of the JDK's scheduler and pass a baton. Needs no flag. */
    PORTABLE;

    /**
     * Returns the name in the spelling of the system property {@code offloop.engine}.
     *
     * @return the name in lower case
     */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
