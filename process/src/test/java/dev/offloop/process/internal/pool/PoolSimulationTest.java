package dev.offloop.process.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs the pool on simulated processes, threads and time, in many thousand scenarios that differ in what happens when,
 * and in what goes wrong.
 *
 * <p>{@code -Dsim.scenarios=N} sets how many, {@code -Dsim.from=N} begins with another seed, {@code -Dsim.seed=N}
 * repeats one scenario that has failed.
 */
class PoolSimulationTest {

    private static final int THREADS = 2;
    private static final long SCENARIOS = 200_000;

    /** In how many scenarios a planted fault has to be found. */
    private static final long MAX_SCENARIOS_TO_FIND = 40_000;

    /** The same in each build, so that one that was green stays so. */
    private static final long FIRST_SEED = 99_000_000;

    /** How long a scenario that fails is shrunk. */
    private static final long SHRINK_MILLIS = 20_000;

    /** The pools of other tests in this JVM have a voice again. */
    @AfterAll
    static void endQuiet() {
        Logger.getLogger("dev.offloop").setLevel(null);
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void keepsItsPromisesInAllScenarios() throws Exception {
        Long repeated = Long.getLong("sim.seed");
        if (repeated != null) {
            assertThat(new SimRunner().firstFailure(repeated, 1))
                    .withFailMessage(() -> new SimRunner().explain(repeated, SHRINK_MILLIS))
                    .isNull();
            return;
        }
        long each = Long.getLong("sim.scenarios", SCENARIOS) / THREADS;
        long seed = Long.getLong("sim.from", FIRST_SEED);
        List<SimRunner> runners = new ArrayList<>();
        List<Callable<Long>> runs = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            var runner = new SimRunner();
            long first = seed + i * each;
            runners.add(runner);
            runs.add(() -> runner.firstFailure(first, each));
        }
        long begin = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (Future<Long> run : threads.invokeAll(runs)) {
                Long failing = run.get();
                assertThat(failing)
                        .withFailMessage(() -> new SimRunner().explain(failing, SHRINK_MILLIS))
                        .isNull();
            }
        }
        report(runners, seed, System.nanoTime() - begin);
    }

    private static void report(List<SimRunner> runners, long seed, long nanos) {
        long scenarios = 0;
        long steps = 0;
        long[] counts = new long[SimFault.values().length];
        for (SimRunner runner : runners) {
            scenarios += runner.scenarios;
            steps += runner.steps;
            for (int i = 0; i < counts.length; i++) {
                counts[i] += runner.counts[i];
            }
        }
        var text = new StringBuilder("Simulated from seed " + seed + ": " + scenarios + " scenarios, " + steps
                + " steps, in " + nanos / 1_000_000 + " ms\n");
        for (SimFault fault : SimFault.values()) {
            text.append("  ")
                    .append(fault)
                    .append(' ')
                    .append(counts[fault.ordinal()])
                    .append('\n');
        }
        System.out.println(text);
        for (SimFault fault : SimFault.values()) {
            assertThat(counts[fault.ordinal()])
                    .as("how often %s happened: the simulation is blind to it", fault)
                    .isPositive();
        }
    }

    /** A simulation that finds nothing says something only if it finds what is there. */
    @ParameterizedTest
    @CsvSource({
        "Pipeline.isNextAnswer, true",
        "Pipeline.hasBegun, false",
        "Pipeline.hasBegun, true",
        "Pipeline.takeBack,",
        "Pipeline.forgetPace,",
        "Pipeline.isUnwanted, true",
        "Dispatcher.distribute,",
        "Dispatcher.headBegins,",
        "Dispatcher.cancelled,",
        "Dispatcher.cancelHead,",
        "Dispatcher.unread,",
        "Dispatcher.dumped,",
        "CallQueue.giveUp,",
        "CallQueue.comeBack,",
        "CallQueue.wakeSubmitter,",
        "CallQueue.wakeSubmitters,",
        "CallQueue.hasRoomFor, true",
        "Mailbox.add, false",
        "Mailbox.close, false",
        "Mailbox.isRunning, false",
        "Heartbeat.isSilent, false",
        "Supervisor.takeBackSlow, false",
        "Supervisor.lookAtStart, 9223372036854775807",
        "Supervisor.lookAtLaunch, 9223372036854775807",
        "Supervisor.lookAtService, 9223372036854775807",
        "Supervisor.lookAtReading, 9223372036854775807",
        "Supervisor.killIfDue, 9223372036854775807",
        "Supervisor.retireIdle, 9223372036854775807",
        "Supervisor.isOver, true",
        "WorkerEnds.endWith,",
        "WorkerEnds.giveUp,",
        "WorkerEnds.isBeingRead, false",
        "WorkerEnds.loseUnwanted,",
        "WorkerEnds.notDelivered,",
        "WorkerEnds.unreadable,",
        "WorkerStarter.startStarter,",
        "WorkerStarter.noThread,",
        "WorkerStarter.replaceWarm,",
        "WorkerStarter.completeWarmUps,",
        "WorkerStarter.late, 9223372036854775807",
        "WorkerStarter.initializerFailed,",
        "CpuBudget.look, 9223372036854775807",
        "CpuBudget.measured,",
        "PoolState.hadItsWorker, false",
        "PoolState.mayServe, true",
        "PoolState.nextIndex, 0",
        "PoolState.noneServes, false",
        "PoolState.noneStarts, true",
        "PoolLifecycle.endIfDone,",
        "PoolLifecycle.jvmShutdownOver,",
        "PoolLifecycle.closed,",
        "Call.listens, false",
    })
    void findsPlantedFault(String method, String result) throws Exception {
        Object constant = result == null ? null : isBoolean(result) ? Boolean.valueOf(result) : Long.valueOf(result);
        String found = new SimPlantedFaults(method, constant).find(1, MAX_SCENARIOS_TO_FIND);
        assertThat(found)
                .as("what the simulation finds when %s is broken", method)
                .isNotNull();
        System.out.println(method + (result == null ? " does nothing" : " returns " + result) + ": " + found);
    }

    private static boolean isBoolean(String result) {
        return "true".equals(result) || "false".equals(result);
    }
}
