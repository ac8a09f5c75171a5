package dev.offloop.monitor;

import dev.offloop.internal.monitor.Advisor;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Advises which calls to offload, which not, and where, from what was measured in this JVM.
 *
 * <ul>
 *   <li>Each place that offloads is measured, always: how long its functions wait, run and use a processor, and what
 *       the way to another thread or process costs. Where something is never offloaded, the watchdog's reports count.
 *   <li>It says nothing as long as there is little evidence, or nothing to improve, and never changes anything itself.
 *   <li>It looks at the last five to ten minutes.
 *   <li>May be called from any thread. The first call measures the cost of a way between threads for some milliseconds.
 *   <li>With {@code -Doffloop.advice=true} the report is logged when a loop ends; with {@code -Doffloop.advice=off}
 *       nothing is measured.
 * </ul>
 *
 * <p>asyncio has no counterpart.
 */
public final class OffloadAdvisor {

    private OffloadAdvisor() {}

    /**
     * Returns what should be changed.
     *
     * @return the findings, by kind; empty if there is nothing to say
     */
    public static List<Finding> findings() {
        return Advisor.findings();
    }

    /**
     * Returns the findings in words.
     *
     * @return the text, with a line that says so if there is nothing to change
     */
    public static String report() {
        List<Finding> findings = findings();
        return findings.isEmpty()
                ? "Nothing to advise: no place that offloads, or should, stands out from what was measured"
                : findings.stream().map(Finding::message).collect(Collectors.joining("\n"));
    }
}
