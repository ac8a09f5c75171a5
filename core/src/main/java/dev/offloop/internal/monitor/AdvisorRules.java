package dev.offloop.internal.monitor;

import dev.offloop.DurationHistogram;
import dev.offloop.internal.util.Durations;
import dev.offloop.monitor.Finding;
import dev.offloop.monitor.Finding.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Judges sites by what was measured there: pure arithmetic.
 *
 * <p>R is the run time of a function, Q its wait for a thread or worker, H the rest of the way there and back, a the
 * functions that run at a time on average (Little's law), c how many can.
 *
 * @param cores the number of processors
 * @param floorNanos what a way to another thread and back costs at least
 */
record AdvisorRules(int cores, long floorNanos) {

    /** Below that, what a site does is no evidence. */
    private static final int MIN_WINDOWS = 3;

    private static final int MANY_CALLS = 200;
    private static final int SOME_CALLS = 20;
    private static final int FEW_CALLS = 8;

    /** No call worth a word of the advisor runs for less in all. */
    private static final long MIN_RUN_NANOS = 100_000_000;

    private static final long TRIVIAL_NANOS = 1_000_000;
    private static final double BUSY = 0.8;
    private static final double WAITS = 0.3;
    private static final double COMPUTES = 0.8;

    /** The way may take a twentieth of the time. */
    private static final int CALLS_PER_HOP = 20;

    private static final int MEDIAN = 50;

    /** Half the width of the 95 % interval of a median, in percent, for one call. */
    private static final double MEDIAN_SPREAD = 98;

    List<Finding> findings(List<SiteView> sites) {
        List<Finding> findings = new ArrayList<>();
        for (SiteView site : sites) {
            add(findings, trivial(site));
            add(findings, cpuBound(site));
            add(findings, serializationBound(site));
            add(findings, tooFine(site));
        }
        Map<String, List<SiteView>> byExecutor = sites.stream()
                .collect(
                        Collectors.groupingBy(site -> site.executor().name(), LinkedHashMap::new, Collectors.toList()));
        for (List<SiteView> ofExecutor : byExecutor.values()) {
            add(findings, starved(ofExecutor));
        }
        return findings;
    }

    private static void add(List<Finding> findings, @Nullable Finding finding) {
        if (finding != null) {
            findings.add(finding);
        }
    }

    private @Nullable Finding trivial(SiteView site) {
        if (site.processes() || !enough(site, MANY_CALLS)) {
            return null;
        }
        DurationHistogram run = site.times().run;
        double upper = Math.min(100, MEDIAN + MEDIAN_SPREAD / Math.sqrt((double) site.timed()));
        long bound = nanos(run, upper);
        long hop = Math.max(floorNanos, nanos(site.times().hop, MEDIAN));
        long rare = nanos(run, 99.9);
        if (bound >= hop || rare >= TRIVIAL_NANOS) {
            return null;
        }
        return finding(
                Kind.TRIVIAL,
                site,
                "Call it directly: the way to a thread takes longer than the function",
                "median R at most " + words(bound) + " with 95 % confidence, H = " + words(hop) + ", 99.9 % of R below "
                        + words(rare),
                "the upper 95 % bound of the median of R is below H, and 99.9 % of R below 1 ms");
    }

    /** The whole executor is busy; the site that uses most of it is named. */
    private @Nullable Finding starved(List<SiteView> sites) {
        SiteView main = sites.stream()
                .filter(site -> enough(site, SOME_CALLS))
                .filter(site -> nanos(site.times().queue, MEDIAN) > nanos(site.times().run, MEDIAN))
                .max(Comparator.comparingDouble(SiteView::load))
                .orElse(null);
        int size = main == null ? 0 : main.executor().size();
        double load = sites.stream().mapToDouble(SiteView::load).sum();
        if (main == null || size == 0 || load / size <= BUSY || runNanos(main) < MIN_RUN_NANOS) {
            return null;
        }
        double share = main.processorShare();
        int wanted = (int) Math.ceil(load + Math.sqrt(load));
        boolean computes = share >= WAITS || main.processes();
        int workers = computes ? Math.min(wanted, cores) : wanted;
        if (workers <= size) {
            return null; // it waits for processors, not for threads
        }
        return finding(
                Kind.STARVED,
                main,
                "Give the executor " + workers + (main.processes() ? " workers" : " threads") + " instead of " + size
                        + ": calls wait longer than they run",
                "median Q " + words(nanos(main.times().queue, MEDIAN)) + ", median R "
                        + words(nanos(main.times().run, MEDIAN)) + ", a = " + number(load) + " of c = " + size
                        + processor(share),
                "the median of Q is above that of R and a / c above 0.8; wanted are a + sqrt(a), no more than processors"
                        + " unless the functions mostly wait");
    }

    private @Nullable Finding cpuBound(SiteView site) {
        double share = site.processorShare();
        int size = site.executor().size();
        boolean tooMany = size > cores && site.load() > cores;
        if (site.processes() || !tooMany || !(share > COMPUTES) || !enough(site, FEW_CALLS)) {
            return null;
        }
        return runNanos(site) < MIN_RUN_NANOS
                ? null
                : finding(
                        Kind.CPU_BOUND,
                        site,
                        "Use an executor with " + cores + " threads, as many as there are processors, or worker"
                                + " processes: more threads only take turns",
                        "a = " + number(site.load()) + " on " + cores + " processors, c = " + size + processor(share),
                        "functions need a processor for more than 0.8 of R, and more of them run than there are"
                                + " processors");
    }

    private @Nullable Finding tooFine(SiteView site) {
        if (!site.processes() || !enough(site, MANY_CALLS)) {
            return null;
        }
        long run = Math.max(1, site.times().run.mean().toNanos());
        long hop = nanos(site.times().hop, MEDIAN);
        if (run >= hop) {
            return null;
        }
        long chunk = Math.ceilDiv(CALLS_PER_HOP * hop, run);
        return finding(
                Kind.TOO_FINE,
                site,
                "Send about " + chunk + " arguments at a time: pool.map(…) with a chunkSize of " + chunk,
                "mean R " + words(run) + ", median H " + words(hop),
                "R is below H; a chunk of 20 H / R makes the way a twentieth of the work");
    }

    private @Nullable Finding serializationBound(SiteView site) {
        if (!site.processes() || !enough(site, SOME_CALLS)) {
            return null;
        }
        long run = site.times().run.mean().toNanos();
        long transfer = site.times().transfer.mean().toNanos();
        long hop = site.times().hop.mean().toNanos();
        if (transfer <= run || 2 * transfer <= hop) {
            return null;
        }
        return finding(
                Kind.SERIALIZATION_BOUND,
                site,
                "Send less: a path or a key instead of the data, primitive arrays instead of objects, or only what the"
                        + " caller needs of the result",
                "writing and reading takes " + words(transfer) + " on average, mean R " + words(run),
                "to write and read arguments and results takes longer than R, and more than half of the way");
    }

    private static boolean enough(SiteView site, int calls) {
        return site.timed() >= calls && site.times().windows >= MIN_WINDOWS;
    }

    private static long runNanos(SiteView site) {
        return site.times().run.total().toNanos();
    }

    private static long nanos(DurationHistogram histogram, double percentage) {
        return histogram.percentile(percentage).toNanos();
    }

    private static String processor(double share) {
        return Double.isNaN(share) ? "" : ", on a processor " + number(share) + " of R";
    }

    private static String words(long nanos) {
        return Durations.inWords(nanos);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static Finding finding(Kind kind, SiteView site, String advice, String numbers, String rule) {
        return new Finding(
                kind,
                site.site(),
                advice,
                site.executor().name(),
                site.timed(),
                site.interval(),
                site.timed() + " calls timed in " + Durations.inWords(site.interval()) + " on "
                        + site.executor().name() + ": " + numbers,
                rule);
    }
}
