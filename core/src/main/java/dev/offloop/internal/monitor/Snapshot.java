package dev.offloop.internal.monitor;

import dev.offloop.DurationHistogram;
import dev.offloop.internal.util.Json;
import dev.offloop.monitor.ExecutorStatistics;
import dev.offloop.monitor.Finding;
import dev.offloop.monitor.LoopStatistics;
import dev.offloop.monitor.OffloadAdvisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says in JSON what this JVM's loops and pools do. Durations are in milliseconds. */
public final class Snapshot {

    /** Changes when what is written can no longer be read by older tools. */
    public static final int PROTOCOL = 1;

    private static final long BEGIN = System.nanoTime();
    private static final double NANOS_PER_MILLI = 1e6;

    private Snapshot() {}

    private static Map<String, Object> header() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("protocol", PROTOCOL);
        json.put("version", version());
        json.put("pid", ProcessHandle.current().pid());
        json.put(
                "command",
                Optional.ofNullable(System.getProperty("sun.java.command")).orElse(""));
        json.put("uptime", millis(System.nanoTime() - BEGIN));
        return json;
    }

    private static String version() {
        String version = Snapshot.class.getPackage().getImplementationVersion();
        return version == null ? "" : version;
    }

    /** Returns numbers: loops, pools, blocked places, advice. */
    public static String status() {
        Map<String, Object> json = header();
        json.put("loops", Watchdog.loops().stream().map(Snapshot::loop).toList());
        json.put("pools", MonitoredPool.all().stream().map(Snapshot::pool).toList());
        json.put("findings", Advisor.findings().stream().map(Snapshot::finding).toList());
        return Json.of(json);
    }

    /** Returns who waits for whom, in every loop, and where the workers of all pools are. */
    public static String tree() {
        Map<String, Object> json = header();
        List<Map<String, Object>> loops = new ArrayList<>();
        for (Watched loop : Watchdog.loops()) {
            AwaitTree tree = loop.awaitTree();
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", loop.name());
            one.put("tasks", loop.taskCount());
            one.put("left", tree.left());
            one.put("tree", tree.json());
            one.put("text", tree.text());
            loops.add(one);
        }
        json.put("loops", loops);
        json.put(
                "pools",
                MonitoredPool.all().stream().map(Snapshot::poolWithFrames).toList());
        return Json.of(json);
    }

    /** Returns the advice, as data and as text. */
    public static String advice() {
        Map<String, Object> json = header();
        json.put("findings", Advisor.findings().stream().map(Snapshot::finding).toList());
        json.put("report", OffloadAdvisor.report());
        return Json.of(json);
    }

    private static Map<String, Object> loop(Watched loop) {
        LoopStatistics statistics = loop.statistics();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", statistics.loop());
        json.put("age", millis(statistics.age()));
        json.put("busy", millis(statistics.busy()));
        json.put("utilization", statistics.utilization());
        json.put("lag", histogram(statistics.lag()));
        json.put("steps", statistics.steps());
        json.put("turns", statistics.turns());
        json.put("slowSteps", statistics.slowSteps());
        json.put("ready", statistics.ready());
        json.put("tasks", statistics.tasks());
        json.put("timers", statistics.timers());
        json.put(
                "executors",
                statistics.executors().stream().map(Snapshot::executor).toList());
        json.put("pauses", statistics.pauses());
        json.put("pauseTime", millis(statistics.pauseTime()));
        return json;
    }

    private static Map<String, Object> histogram(DurationHistogram histogram) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("count", histogram.count());
        json.put("mean", millis(histogram.mean()));
        for (double percentage : new double[] {50, 90, 99, 99.9}) {
            json.put(
                    "p" + String.valueOf(percentage).replace(".0", "").replace(".", ""),
                    millis(histogram.percentile(percentage)));
        }
        json.put("max", millis(histogram.max()));
        List<List<Long>> counts = new ArrayList<>();
        histogram.counts().forEach((longest, times) -> counts.add(List.of(longest.toNanos(), times)));
        json.put("counts", counts);
        return json;
    }

    private static Map<String, Object> executor(ExecutorStatistics executor) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", executor.name());
        json.put("size", executor.size());
        json.put("active", executor.active());
        json.put("queued", executor.queued());
        json.put("unfinished", executor.unfinished());
        json.put("calls", executor.calls());
        return json;
    }

    private static Map<String, Object> pool(MonitoredPool pool) {
        Map<String, Object> json = gauge(pool.gauge());
        json.put("workers", pool.workers().stream().map(Snapshot::worker).toList());
        return json;
    }

    private static Map<String, Object> gauge(Gauge gauge) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", gauge.name());
        json.put("size", gauge.size());
        json.put("active", gauge.active());
        json.put("queued", gauge.queued());
        return json;
    }

    private static Map<String, Object> poolWithFrames(MonitoredPool pool) {
        List<MonitoredWorker> workers = pool.workers();
        List<AwaitNode> calls = workers.stream()
                .map(worker -> new AwaitNode("", "", List.of(), null, worker.call(), List.of()))
                .toList();
        List<AwaitNode> answered = new AwaitTree(calls, 0).withRemoteFrames().roots();
        List<Map<String, Object>> all = new ArrayList<>();
        for (int i = 0; i < workers.size(); i++) {
            Map<String, Object> one = worker(workers.get(i));
            one.put("frames", answered.get(i).frames());
            all.add(one);
        }
        Map<String, Object> json = gauge(pool.gauge());
        json.put("workers", all);
        return json;
    }

    private static Map<String, Object> worker(MonitoredWorker worker) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("number", worker.number());
        json.put("pid", worker.pid());
        json.put("state", worker.state());
        json.put("calls", worker.calls());
        json.put("since", millis(worker.since()));
        return json;
    }

    private static Map<String, Object> finding(Finding finding) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", finding.kind().name());
        json.put("site", finding.site());
        json.put("advice", finding.advice());
        json.put("executor", finding.executor());
        json.put("calls", finding.calls());
        json.put("interval", millis(finding.interval()));
        json.put("numbers", finding.numbers());
        json.put("rule", finding.rule());
        return json;
    }

    private static double millis(Duration duration) {
        return millis(duration.toNanos());
    }

    private static double millis(long nanos) {
        return Math.round(nanos / NANOS_PER_MILLI * 1_000) / 1e3;
    }
}
