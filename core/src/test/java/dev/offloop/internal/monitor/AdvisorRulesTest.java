package dev.offloop.internal.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.monitor.Finding;
import dev.offloop.monitor.Finding.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which numbers lead to which advice, on a machine with four processors and a hop of 20 µs. */
class AdvisorRulesTest {

    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;

    private final AdvisorRules rules = new AdvisorRules(4, 20 * MICRO);

    /** Calls that end one after another, at equal distances. */
    private static CallTimes times(int calls, long distance, long queue, long run, long hop) {
        var times = new CallTimes(0);
        for (int i = 1; i <= calls; i++) {
            times.calls++;
            times.record(i * distance, queue, run, hop);
        }
        return times;
    }

    private static CallTimes computing(CallTimes times, double share) {
        times.recordProcessor((long) (share * 1_000), 1_000);
        return times;
    }

    private static SiteView inThreads(CallTimes times, int size) {
        return new SiteView("Foo.bar(Foo.java:1)", new Gauge("pool", size, 0, 0), false, times, times.calls, 0);
    }

    private static SiteView inProcesses(CallTimes times, long transfer) {
        for (int i = 0; i < times.calls; i++) {
            times.transfer.record(transfer);
        }
        return new SiteView("Foo.bar(Foo.java:1)", new Gauge("processes", 4, 0, 0), true, times, times.calls, 0);
    }

    private List<Kind> kinds(SiteView... sites) {
        return rules.findings(List.of(sites)).stream().map(Finding::kind).toList();
    }

    @Test
    void functionShorterThanTheHopIsTrivial() {
        assertThat(kinds(inThreads(times(400, MILLI, 5 * MICRO, 2 * MICRO, 10 * MICRO), 8)))
                .containsExactly(Kind.TRIVIAL);
    }

    @Test
    void functionThatIsSometimesSlowIsNotTrivial() {
        CallTimes times = times(400, MILLI, 5 * MICRO, 2 * MICRO, 10 * MICRO);
        times.record(401 * MILLI, 0, 5 * MILLI, 10 * MICRO);
        assertThat(kinds(inThreads(times, 8))).isEmpty();
    }

    @Test
    void tooFewCallsOrWindowsAreNoEvidence() {
        assertThat(kinds(inThreads(times(199, 10 * MILLI, 0, MICRO, MICRO), 8))).isEmpty();
        assertThat(kinds(inThreads(times(400, MICRO, 0, MICRO, MICRO), 8))).isEmpty();
    }

    @Test
    void medianNearTheHopIsNotTrivialWithFewCalls() {
        var times = new CallTimes(0);
        for (int i = 1; i <= 200; i++) {
            times.calls++;
            times.record(i * 10 * MILLI, 0, i % 20 < 11 ? 10 * MICRO : 40 * MICRO, MICRO); // 55 % below the hop
        }
        assertThat(kinds(inThreads(times, 8))).isEmpty();
    }

    @Test
    void callsThatWaitLongerThanTheyRunInABusyPoolAreStarved() {
        // a = 20 ms / 10.5 ms = 1.9 of 2: wanted 1.9 + 1.38 = 3.28, so 4
        List<Finding> findings =
                rules.findings(List.of(inThreads(times(100, 10_500 * MICRO, 200 * MILLI, 20 * MILLI, 10 * MICRO), 2)));
        assertThat(findings).extracting(Finding::kind).containsExactly(Kind.STARVED);
        assertThat(findings.getFirst().advice()).contains("Give the executor 4 threads instead of 2");
    }

    @Test
    void idleThreadsAreNoReasonForMore() {
        assertThat(kinds(inThreads(times(100, 100 * MILLI, 200 * MILLI, 20 * MILLI, 10 * MICRO), 2)))
                .isEmpty();
    }

    @Test
    void computationIsNotStarvedBeyondTheProcessors() {
        CallTimes times = computing(times(400, 2_600 * MICRO, 200 * MILLI, 10 * MILLI, 10 * MICRO), 0.9);
        assertThat(kinds(inThreads(times, 4))).isEmpty();
    }

    @Test
    void otherSitesOfTheExecutorCountForItsLoad() {
        SiteView waits = inThreads(times(100, 20 * MILLI, 200 * MILLI, 20 * MILLI, 10 * MICRO), 2);
        SiteView other = inThreads(times(50, 40 * MILLI, MILLI, 36 * MILLI, 10 * MICRO), 2);
        assertThat(kinds(waits)).isEmpty();
        assertThat(kinds(waits, other)).containsExactly(Kind.STARVED);
    }

    @Test
    void computationOnMoreThreadsThanProcessorsIsCpuBound() {
        CallTimes times = computing(times(100, 10 * MILLI, MICRO, 80 * MILLI, 10 * MICRO), 0.95);
        assertThat(kinds(inThreads(times, 16))).containsExactly(Kind.CPU_BOUND);
    }

    @Test
    void computationNowAndThenIsNotCpuBound() {
        CallTimes times = computing(times(100, 100 * MILLI, MICRO, 80 * MILLI, 10 * MICRO), 0.95);
        assertThat(kinds(inThreads(times, 16))).isEmpty();
    }

    @Test
    void shortFunctionsInProcessesAreTooFine() {
        List<Finding> findings =
                rules.findings(List.of(inProcesses(times(400, MILLI, MICRO, 10 * MICRO, 50 * MICRO), MICRO)));
        assertThat(findings).extracting(Finding::kind).containsExactly(Kind.TOO_FINE);
        assertThat(findings.getFirst().advice()).containsPattern("chunkSize of 10\\d"); // 20 × 50 µs / 10 µs
    }

    @Test
    void largeArgumentsOfShortFunctionsAreBoundBySerialization() {
        assertThat(kinds(inProcesses(times(50, 10 * MILLI, MICRO, 2 * MILLI, 6 * MILLI), 5 * MILLI)))
                .containsExactly(Kind.SERIALIZATION_BOUND);
    }

    @Test
    void healthyCallsInProcessesGetNoAdvice() {
        assertThat(kinds(inProcesses(times(400, 10 * MILLI, MICRO, 8 * MILLI, 60 * MICRO), 5 * MICRO)))
                .isEmpty();
    }
}
