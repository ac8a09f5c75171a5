package dev.offloop.bench;

import dev.offloop.Runner;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Switching, spawning, gathering and offloading to threads, on both engines. Per operation. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-opens", "java.base/java.lang=ALL-UNNAMED"})
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH writes the fields
public class LoopBenchmark {

    private static final int SWITCHES = 100_000;
    private static final int SPAWNS = 50_000;
    private static final int TASKS = 100_000;
    private static final int ROUND_TRIPS = 2_000;
    private static final int CALLS = 20_000;

    /** The coroutine engine. */
    @Param({"CARRIED", "PORTABLE"})
    public String engine;

    private Runner runner;

    /** A loop of its own. */
    @Setup(Level.Trial)
    public void open() {
        runner = Runner.builder().engine(dev.offloop.Engine.valueOf(engine)).build();
    }

    /** Ends it. */
    @TearDown(Level.Trial)
    public void close() {
        runner.close();
    }

    /** One {@code yieldNow}: out of a task and into it again. */
    @Benchmark
    @OperationsPerInvocation(SWITCHES)
    public void oneSwitch() throws Exception {
        runner.run(() -> Work.switches(SWITCHES));
    }

    /** A task that ends at once, started and awaited. */
    @Benchmark
    @OperationsPerInvocation(SPAWNS)
    public void spawnAndAwait() throws Exception {
        runner.run(() -> Work.spawns(SPAWNS));
    }

    /** 100,000 tasks, gathered; for each. */
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public List<Integer> gather100k() throws Exception {
        return runner.run(() -> Work.gatherTasks(TASKS));
    }

    /** A trivial function to a thread and back. */
    @Benchmark
    @OperationsPerInvocation(ROUND_TRIPS)
    public void toThreadRoundTrip() throws Exception {
        runner.run(() -> Work.threadRoundTrips(ROUND_TRIPS));
    }

    /** 20,000 trivial functions handed to threads at once; for each. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public List<Integer> toThread20k() throws Exception {
        return runner.run(() -> Work.threadsAtOnce(CALLS));
    }
}
