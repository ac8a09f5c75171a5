package dev.offloop.monitor;

import java.time.Duration;

/**
 * Says what should be changed about a place that offloads, or does not. {@link OffloadAdvisor} returns it.
 *
 * @param kind what is wrong
 * @param site the place in the source, as {@code Class.method(File.java:line)}, with the class of the function before
 *     it if that is another one
 * @param advice what to do
 * @param executor the executor; "event loop" for what was not offloaded
 * @param calls how many calls were measured
 * @param interval the time from the first to the last of them
 * @param numbers what was measured, in words
 * @param rule the rule that led to the advice
 */
public record Finding(
        Kind kind,
        String site,
        String advice,
        String executor,
        long calls,
        Duration interval,
        String numbers,
        String rule) {

    /** Says what is wrong. */
    public enum Kind {
        /** The function is shorter than the way to its thread: call it directly. */
        TRIVIAL,
        /** Functions wait longer for a thread than they run: more threads would help. */
        STARVED,
        /** Functions compute on more threads than there are processors: fewer threads, or worker processes. */
        CPU_BOUND,
        /** Functions are shorter than the way to their worker process: send several at a time. */
        TOO_FINE,
        /** To write and read arguments and results takes longer than to run the function: send less. */
        SERIALIZATION_BOUND,
        /** A call blocks the loop: offload it. */
        NEVER_OFFLOADED
    }

    /**
     * Returns the finding in words.
     *
     * @return a few lines
     */
    public String message() {
        return kind + " " + site + "\n  " + advice + "\n  " + numbers + "\n  Rule: " + rule;
    }
}
