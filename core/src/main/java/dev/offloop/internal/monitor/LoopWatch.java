package dev.offloop.internal.monitor;

import dev.offloop.internal.jfr.Jfr;
import dev.offloop.internal.jfr.SlowStepEvent;
import dev.offloop.internal.util.Nanos;
import dev.offloop.internal.util.UserCode;
import dev.offloop.monitor.SlowStep;
import dev.offloop.monitor.SlowStep.Cause;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Watches the steps and turns of one loop.
 *
 * <p><b>Age.</b> The loop keeps no time; it only numbers its steps and turns. A step that has the same number at two
 * looks has lasted at least from one to the other, and that is added to its age. Time in which the JVM or the machine
 * stood still is not, since {@link Watchdog} leaves it out of {@code nanos}; nor is time in which the loop's thread was
 * ready but got no processor, or was suspended by a debugger: {@link CpuUse} shows both.
 *
 * <p><b>Samples.</b> From half the threshold on, each look samples the thread. The place that was met most often is the
 * one that is reported, with the samples of the step, or of all steps of the turn if none of them is slow alone.
 *
 * <p><b>Reports.</b> A slow step is reported when it ends, with its whole duration, or after a second if it has not
 * ended by then.
 *
 * <p>Belongs to the watchdog's thread, but {@link #pending}.
 */
final class LoopWatch {

    /** The longest time that a slow step may go on before it is reported. */
    private static final long REPORT_NANOS = 1_000_000_000;

    /** After this time all threads and tasks are dumped, once per step. */
    private static final long DUMP_NANOS = 10_000_000_000L;

    /** A turn of shorter steps on average is a loop with much to do, which no place is to blame for. */
    private static final long NOTICEABLE_NANOS = 1_000_000;

    /** A longer threshold is never reached either; twice this one is still a number. */
    private static final long LONGEST_NANOS = Long.MAX_VALUE / 4;

    private static final long UNKNOWN = -1;
    private static final int MAX_SAMPLES = 64;
    private static final int PLACES = 3;

    /** How much a thread has to run, of the time, to count as running. */
    private static final int RUNS_AT_LEAST = 10;

    /** What a loop has done since the last look. */
    enum Activity {
        /** Nothing. */
        IDLE,
        /** A step or a turn began, ended or went on. */
        BUSY,
        /** It was dropped, and there is nothing to watch any more. */
        COLLECTED
    }

    /** Not kept alive: a loop on a host may be dropped without a shutdown. */
    private final WeakReference<Watched> watched;

    private final long threshold;
    private final SlowStepReporter reporter;
    private final Pauses pauses;

    private long step;
    private long turn;
    private long stepAge;
    private long turnAge;
    private long stepsBefore;
    private boolean stepReported;
    private boolean dumped;
    private boolean slowStepInTurn;
    private long leftOut;
    private @Nullable CpuUse used;
    private final List<Sample> stepSamples = new ArrayList<>();
    private final List<Sample> turnSamples = new ArrayList<>();
    private String name;
    private @Nullable String task;
    private @Nullable String advice;

    /** Whether there is something to report when the loop ends. Read by the thread that ends it. */
    private volatile boolean pending;

    LoopWatch(Watched loop, Duration threshold, SlowStepReporter reporter, Pauses pauses) {
        this.watched = new WeakReference<>(loop);
        this.threshold = Math.min(Nanos.of(threshold), LONGEST_NANOS);
        this.reporter = reporter;
        this.pauses = pauses;
        this.name = loop.name();
        this.step = loop.step();
        this.turn = loop.turn();
    }

    /** Null if it was dropped. */
    @Nullable
    Watched loop() {
        return watched.get();
    }

    long threshold() {
        return threshold;
    }

    boolean pending() {
        return pending;
    }

    /**
     * Looks at the loop.
     *
     * @param nanos the time since the last look, without pauses of the JVM
     */
    Activity look(long nanos) {
        Watched loop = watched.get();
        return loop == null ? Activity.COLLECTED : look(loop, nanos);
    }

    private Activity look(Watched loop, long nanos) {
        long turnNow = loop.turn();
        long stepNow = loop.step();
        name = loop.name();
        if (runs(turnNow)) {
            loop.measureLag();
        }
        boolean idle = turnNow == turn && stepNow == step && !runs(turnNow);
        if (stepNow != step) {
            endStep();
            step = stepNow;
        } else if (runs(stepNow)) {
            stepAge += nanos;
        }
        if (turnNow != turn) {
            endTurn(stepNow);
            turn = turnNow;
        } else if (runs(turnNow)) {
            turnAge += nanos;
        }
        long accounted = runs(turnNow) && turnAge > 0 ? leaveOutDelays(loop, nanos) : forgetUse();
        if (runs(stepNow) && Math.max(stepAge, turnAge) >= threshold / 2) {
            sample(loop, nanos, accounted);
        }
        boolean slow = stepAge >= threshold;
        if (slow) {
            suspectStep(loop);
        }
        pending = reporter.flush() || slow || turnAge >= 2 * threshold;
        return idle ? Activity.IDLE : Activity.BUSY;
    }

    /** The loop has ended: reports what is left. */
    void close() {
        endStep();
        endTurn(step);
        reporter.close();
    }

    private static boolean runs(long number) {
        return (number & 1) == 1;
    }

    private long forgetUse() {
        used = null;
        return UNKNOWN;
    }

    /**
     * Leaves out the time in which the thread was ready but got no processor. Returns for how long it ran or was ready
     * since the last look.
     */
    private long leaveOutDelays(Watched loop, long nanos) {
        CpuUse before = used;
        used = loop.cpuUse();
        if (before == null || used == null) {
            return UNKNOWN;
        }
        long delay = Math.clamp(used.delayNanos() - before.delayNanos(), 0, nanos);
        leaveOut(delay);
        return used.runNanos() - before.runNanos() + delay;
    }

    private void leaveOut(long nanos) {
        stepAge = Math.max(0, stepAge - nanos);
        turnAge = Math.max(0, turnAge - nanos);
        leftOut += nanos;
    }

    private void sample(Watched loop, long nanos, long accounted) {
        if (stepAge > 0 && stepSamples.isEmpty()) {
            loop.probe();
        }
        String taskNow = loop.task();
        Sample sample = loop.sample();
        if (sample == null || loop.step() != step) {
            return; // another step has begun meanwhile
        }
        boolean suspended = accounted != UNKNOWN
                && accounted < nanos / RUNS_AT_LEAST
                && sample.cause() == Cause.CPU
                && !sample.isNative();
        if (suspended) {
            leaveOut(nanos);
            return;
        }
        if (stepAge > 0 && stepSamples.size() < MAX_SAMPLES) {
            stepSamples.add(sample);
            task = taskNow;
        }
        if (turnSamples.size() < MAX_SAMPLES) {
            turnSamples.add(sample);
        }
    }

    private void suspectStep(Watched loop) {
        slowStepInTurn = true;
        if (advice == null) {
            Sample sample = mostFrequent(stepSamples);
            advice = sample == null ? null : advice(sample, loop.taskCount());
        }
        if (!stepReported && stepAge >= Math.max(REPORT_NANOS, 2 * threshold)) {
            reportStep();
        }
        if (!dumped && stepAge >= DUMP_NANOS) {
            dumped = true;
            reporter.dump(loop, Duration.ofNanos(stepAge));
        }
    }

    private void endStep() {
        if (stepAge >= threshold && !stepReported) {
            reportStep();
        }
        stepAge = 0;
        stepReported = false;
        dumped = false;
        stepSamples.clear();
        advice = null;
    }

    private void endTurn(long stepNow) {
        long steps = Math.max(1, (stepNow - stepsBefore + 1) / 2);
        if (turnAge >= 2 * threshold && !slowStepInTurn && turnAge / steps >= NOTICEABLE_NANOS) {
            reportTurn(steps);
        }
        if (leftOut >= NOTICEABLE_NANOS) {
            pauses.add(leftOut);
        }
        leftOut = 0;
        turnAge = 0;
        slowStepInTurn = false;
        stepsBefore = stepNow;
        turnSamples.clear();
    }

    private void reportStep() {
        stepReported = true;
        Sample sample = mostFrequent(stepSamples);
        if (sample == null) {
            return; // nothing is known of it
        }
        if (pauses.areStartUp(stepSamples)) {
            pauses.add(stepAge);
            return;
        }
        report(
                sample.place(),
                new SlowStep(
                        name,
                        task,
                        Duration.ofNanos(stepAge),
                        sample.cause(),
                        sample.frame(),
                        sample.stack(),
                        advice == null ? Advice.of(sample.cause()) : advice));
    }

    private void report(Place place, SlowStep slow) {
        Watched loop = watched.get();
        if (loop != null) {
            loop.countSlowStep();
        }
        BlockedPlaces.ofJvm().add(place, slow.duration());
        if (Jfr.isOn()) {
            record(place, slow);
        }
        reporter.report(place, slow);
    }

    private static void record(Place place, SlowStep slow) {
        var event = new SlowStepEvent();
        event.loop = slow.loop();
        event.task = slow.task();
        event.wholeTurn = place.wholeTurn();
        event.blocked = slow.duration().toNanos();
        event.cause = slow.cause().name();
        event.place = place.frame() == null ? "" : UserCode.text(place.frame());
        event.stack = SlowStepEvent.text(slow.stack());
        event.commit();
    }

    /** While the step is blocked, so that the owner of a lock can be found; but that is not cheap, so only if new. */
    private String advice(Sample sample, int taskCount) {
        return reporter.isNew(sample.place()) ? Advice.withOwner(sample, taskCount) : Advice.of(sample.cause());
    }

    private void reportTurn(long steps) {
        Sample sample = mostFrequent(turnSamples);
        if (sample == null || pauses.areStartUp(turnSamples)) {
            return;
        }
        report(
                sample.place().ofTurn(),
                new SlowStep(
                        name,
                        null,
                        Duration.ofNanos(turnAge),
                        sample.cause(),
                        sample.frame(),
                        sample.stack(),
                        "It was a turn of " + steps + " steps, none of them slow alone: " + shares(turnSamples)
                                + ". Other tasks had to wait for all of them. " + Advice.of(sample.cause())));
    }

    /** Groups them by the innermost frame of the user's code, or of any code, and the cause. */
    private static Map<Place, List<Sample>> byPlace(List<Sample> samples) {
        return samples.stream().collect(Collectors.groupingBy(Sample::place, LinkedHashMap::new, Collectors.toList()));
    }

    private static @Nullable Sample mostFrequent(List<Sample> samples) {
        return byPlace(samples).values().stream()
                .max(Comparator.comparingInt(List::size))
                .map(List::getLast)
                .orElse(null);
    }

    private static String shares(List<Sample> samples) {
        return byPlace(samples).entrySet().stream()
                .filter(entry -> entry.getKey().frame() != null)
                .sorted(Comparator.comparingInt(entry -> -entry.getValue().size()))
                .limit(PLACES)
                .map(entry -> entry.getKey().frame() + " " + entry.getValue().size() * 100 / samples.size() + " %")
                .collect(Collectors.joining(", "));
    }
}
