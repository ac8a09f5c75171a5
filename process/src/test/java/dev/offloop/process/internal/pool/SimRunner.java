package dev.offloop.process.internal.pool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs scenarios, and shrinks one that fails. */
public final class SimRunner {

    /** The logger of the pool's warnings about its workers. Referenced, since it would be collected otherwise. */
    private static final Object QUIET = quiet();

    /** By reflection, since the module of these tests does not read that of the loggers. */
    private static Object quiet() {
        try {
            Class<?> loggers = Class.forName("java.util.logging.Logger");
            Class<?> levels = Class.forName("java.util.logging.Level");
            Object logger = loggers.getMethod("getLogger", String.class).invoke(null, "dev.offloop");
            loggers.getMethod("setLevel", levels)
                    .invoke(logger, levels.getField("OFF").get(null));
            return logger;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.toString(), e);
        }
    }

    final int[] counts = new int[SimFault.values().length];
    long scenarios;
    long steps;

    /** Runs scenarios one after the other. Returns the first seed that fails; null if none does. */
    Long firstFailure(long seed, long count) {
        for (long i = 0; i < count && !Thread.currentThread().isInterrupted(); i++) {
            SimViolation violation = run(SimChoices.of(seed + i), null);
            if (violation != null) {
                return seed + i;
            }
        }
        return null;
    }

    private SimViolation run(SimChoices choices, List<String> trace) {
        var sim = new Sim(choices, counts, trace != null);
        try {
            sim.run();
            return null;
        } catch (SimViolation violation) {
            return violation;
        } catch (Throwable thrown) {
            return new SimViolation(thrown);
        } finally {
            scenarios++;
            steps += sim.steps;
            if (trace != null) {
                trace.addAll(sim.trace);
            }
        }
    }

    /** Describes a failure, by the shortest trace that is found in a time. */
    String explain(long seed, long millis) {
        SimChoices choices = SimChoices.recording(seed);
        SimViolation violation = run(choices, null);
        if (violation == null) {
            return "The failure of seed " + seed + " does not repeat";
        }
        int[] shortest = shrink(choices.made(), violation.kind, System.nanoTime() + millis * 1_000_000);
        List<String> trace = new ArrayList<>();
        SimViolation shown = run(SimChoices.replay(shortest), trace);
        var text = new StringBuilder(
                "Seed " + seed + " (-Dsim.seed=" + seed + " repeats it): " + shown.getMessage() + "\n");
        trace.forEach(line -> text.append("  ").append(line).append('\n'));
        Throwable cause = shown.getCause();
        if (cause != null) {
            var stack = new java.io.StringWriter();
            cause.printStackTrace(new java.io.PrintWriter(stack));
            text.append(stack);
        }
        return text.toString();
    }

    private int[] shrink(int[] decisions, String kind, long until) {
        int[] best = decisions;
        boolean better = true;
        while (better && System.nanoTime() < until) {
            better = false;
            for (int size = Math.max(1, best.length / 2); size > 0; size /= 2) {
                for (int from = best.length - size; from >= 0 && System.nanoTime() < until; from -= size) {
                    if (from + size > best.length) {
                        continue;
                    }
                    int[] shorter = without(best, from, size);
                    int[] used = failing(shorter, kind);
                    if (used != null && used.length < best.length) {
                        best = used;
                        better = true;
                    }
                }
            }
            for (int i = 0; i < best.length && System.nanoTime() < until; i++) {
                for (int value : new int[] {0, best[i] / 2, best[i] - 1}) {
                    if (i >= best.length || value < 0 || value >= best[i]) {
                        continue;
                    }
                    int[] lower = best.clone();
                    lower[i] = value;
                    int[] used = failing(lower, kind);
                    if (used != null && used.length <= best.length) {
                        best = used;
                        better = true;
                    }
                }
            }
        }
        return best;
    }

    /**
     * Returns the decisions without those that were not needed, if they lead to the same kind of failure; else null.
     */
    private int[] failing(int[] decisions, String kind) {
        SimChoices choices = SimChoices.replay(decisions);
        SimViolation violation = run(choices, null);
        if (violation == null || !violation.kind.equals(kind)) {
            return null;
        }
        int used = Math.min(decisions.length, choices.made().length);
        while (used > 0 && decisions[used - 1] == 0) {
            used--;
        }
        return Arrays.copyOf(decisions, used);
    }

    private static int[] without(int[] decisions, int from, int count) {
        int[] rest = new int[decisions.length - count];
        System.arraycopy(decisions, 0, rest, 0, from);
        System.arraycopy(decisions, from + count, rest, from, rest.length - from);
        return rest;
    }

    /**
     * Called by reflection, by tests of the simulation: runs it on a pool with a defect. Returns what it has found, or
     * null.
     */
    public static String find(long seed, long count) {
        var runner = new SimRunner();
        Long failing = runner.firstFailure(seed, count);
        if (failing == null) {
            return null;
        }
        SimViolation violation = runner.run(SimChoices.of(failing), null);
        return "scenario " + (failing - seed) + ": " + (violation == null ? "" : violation.getMessage());
    }

    /** Runs a number of scenarios from a seed, on one thread. */
    public static void main(String[] args) {
        long seed = args.length > 0 ? Long.parseLong(args[0]) : System.nanoTime();
        long count = args.length > 1 ? Long.parseLong(args[1]) : 10_000;
        var runner = new SimRunner();
        long begin = System.nanoTime();
        Long failing = runner.firstFailure(seed, count);
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "%d scenarios, %d steps, %.1f s, %.2f us per step%n",
                runner.scenarios, runner.steps, seconds, seconds * 1e6 / runner.steps);
        if (failing != null) {
            System.out.println(runner.explain(failing, 15_000));
        } else {
            for (SimFault fault : SimFault.values()) {
                System.out.println(fault + " " + runner.counts[fault.ordinal()]);
            }
        }
    }
}
