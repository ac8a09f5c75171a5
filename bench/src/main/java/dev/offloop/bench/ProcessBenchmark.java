package dev.offloop.bench;

import dev.offloop.Runner;
import dev.offloop.process.ProcessPoolExecutor;
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
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Functions in worker processes, as the loop sees them. Per operation. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-opens", "java.base/java.lang=ALL-UNNAMED"})
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH writes the fields
public class ProcessBenchmark {

    private static final int ROUND_TRIPS = 500;
    private static final int CALLS = 10_000;

    private Runner runner;
    private ProcessPoolExecutor pool;

    /** A loop and two workers. */
    @Setup(Level.Trial)
    public void open() {
        runner = Runner.create();
        pool = ProcessPoolExecutor.create(2);
    }

    /** Ends them. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
        runner.close();
    }

    /** A trivial function to a worker and back. */
    @Benchmark
    @OperationsPerInvocation(ROUND_TRIPS)
    public void roundTrip() throws Exception {
        runner.run(() -> Work.processRoundTrips(pool, ROUND_TRIPS));
    }

    /** 10,000 trivial functions at once; for each. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public List<Integer> tenThousandAtOnce() throws Exception {
        return runner.run(() -> Work.processesAtOnce(pool, CALLS));
    }
}
