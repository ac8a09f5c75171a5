package dev.offloop.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.Offload;
import dev.offloop.RemoteCallable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future.State;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the simulation plays, thinned out and with real processes: callers that submit, cancel and shut down at any
 * moment, and functions that end, fail, crash, hang, ignore their cancellation, fall silent or fill the heap. The same
 * must hold at the end. {@code -Dreal.seed=} repeats one scenario, {@code -Dreal.scenarios=} runs more.
 */
class RealPoolScenariosTest {

    private static final int SCENARIOS = Integer.getInteger("real.scenarios", 8);

    @TempDir
    Path folder;

    /** What a function does, and what may become of its call. */
    private enum Behaviour {
        RETURNS,
        RETURNS_AN_OBJECT,
        TAKES_LONG,
        SAYS_MUCH,
        THROWS,
        EXITS,
        IS_KILLED,
        FILLS_HEAP,
        FALLS_SILENT,
        IGNORES_CANCELLATION;

        RemoteCallable<Object> function(String begun, int number) {
            Behaviour behaviour = this;
            return () -> {
                Files.writeString(Path.of(begun), number + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                return behaviour.run(number);
            };
        }

        private Object run(int number) throws Exception {
            switch (this) {
                case RETURNS, RETURNS_AN_OBJECT -> {}
                case TAKES_LONG -> Thread.sleep(100);
                case SAYS_MUCH -> {
                    for (int i = 0; i < 1000; i++) {
                        Offload.progress(i);
                    }
                }
                case THROWS -> throw new IllegalStateException("number " + number);
                case EXITS -> System.exit(7);
                case IS_KILLED -> {
                    kill("-KILL", ProcessHandle.current().pid());
                    Thread.sleep(60_000); // the signal may take a moment
                }
                case FILLS_HEAP -> {
                    List<byte[]> all = new ArrayList<>();
                    while (true) {
                        all.add(new byte[1 << 20]);
                    }
                }
                case FALLS_SILENT -> {
                    kill("-STOP", ProcessHandle.current().pid());
                    Thread.sleep(60_000);
                }
                case IGNORES_CANCELLATION -> {
                    while (true) {
                        Thread.onSpinWait();
                    }
                }
            }
            return this == RETURNS_AN_OBJECT ? List.of(number) : number;
        }

        private static boolean kill(String signal, long pid) {
            try {
                return new ProcessBuilder("kill", signal, Long.toString(pid))
                                .start()
                                .waitFor()
                        == 0;
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Without a deadline such a call would never end. */
        boolean needsTimeout() {
            return this == FALLS_SILENT || this == IGNORES_CANCELLATION;
        }

        void check(int number, Submitted submitted) {
            CompletableFuture<Object> call = submitted.call;
            String what = "call " + number + " " + this + " " + call;
            if (call.state() == State.CANCELLED) {
                assertThat(submitted.mayBeCancelled).describedAs(what).isTrue();
                return;
            }
            Throwable failure = call.state() == State.FAILED ? call.exceptionNow() : null;
            if (failure instanceof CallTimeoutException) {
                assertThat(submitted.hasTimeout).describedAs(what).isTrue();
                return;
            }
            switch (this) {
                case RETURNS, TAKES_LONG, SAYS_MUCH ->
                    assertThat(call.resultNow()).describedAs(what).isEqualTo(number);
                case RETURNS_AN_OBJECT ->
                    assertThat(call.resultNow()).describedAs(what).isEqualTo(List.of(number));
                case THROWS ->
                    assertThat(failure)
                            .describedAs(what)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage("number " + number);
                case EXITS ->
                    assertThat(failure)
                            .describedAs(what)
                            .isInstanceOfSatisfying(
                                    WorkerCrashedException.class,
                                    crash -> assertThat(crash.exitCode()).hasValue(7));
                case IS_KILLED ->
                    assertThat(failure)
                            .describedAs(what)
                            .isInstanceOfSatisfying(
                                    WorkerCrashedException.class,
                                    crash -> assertThat(crash.signal()).contains("SIGKILL"));
                case FILLS_HEAP -> assertThat(failure).describedAs(what).isInstanceOf(WorkerOutOfMemoryException.class);
                case FALLS_SILENT, IGNORES_CANCELLATION -> assertThat(what).isEqualTo("timed out or cancelled");
            }
        }
    }

    private static final class Submitted {
        final Behaviour behaviour;
        final CompletableFuture<Object> call;
        final int retries;
        final boolean hasTimeout;
        boolean mayBeCancelled;

        Submitted(Behaviour behaviour, CompletableFuture<Object> call, int retries, boolean hasTimeout) {
            this.behaviour = behaviour;
            this.call = call;
            this.retries = retries;
            this.hasTimeout = hasTimeout;
        }
    }

    static LongStream seeds() {
        Long seed = Long.getLong("real.seed");
        return seed != null ? LongStream.of(seed) : LongStream.rangeClosed(1, SCENARIOS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Timeout(180)
    void whatMustHoldInTheSimulationHoldsForRealProcesses(long seed) throws Exception {
        var random = new SplittableRandom(seed);
        Path begun = folder.resolve("begun");
        ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                .maxWorkers(1 + random.nextInt(3))
                .maxTasksPerWorker(random.nextInt(3) == 0 ? 2 : 1000)
                .maxQueued(random.nextInt(3) == 0 ? 3 : 1000)
                .maxHeap("32m")
                .cancelGrace(Duration.ofMillis(random.nextInt(2) * 200))
                .output(WorkerOutput.discarded())
                .build();
        List<@Nullable Submitted> calls = new ArrayList<>();
        int steps = 20 + random.nextInt(20);
        for (int step = 0; step < steps; step++) {
            switch (random.nextInt(8)) {
                case 0 -> cancelOne(calls, random);
                case 1 -> {
                    var _ = pool.warmUp();
                }
                case 2 -> Thread.sleep(random.nextInt(100));
                default -> calls.add(submit(pool, random, begun, calls.size()));
            }
        }
        if (random.nextInt(4) == 0) {
            calls.forEach(RealPoolScenariosTest::mayBeCancelled);
            pool.shutdownNow();
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(150, TimeUnit.SECONDS)).isTrue();
        check(pool, calls, Files.exists(begun) ? Files.readAllLines(begun) : List.of());
    }

    private static @Nullable Submitted submit(
            ProcessPoolExecutor pool, SplittableRandom random, Path begun, int number) {
        Behaviour[] all = Behaviour.values();
        Behaviour behaviour = all[random.nextInt(2) == 0 ? 0 : random.nextInt(all.length)];
        int retries = random.nextInt(3) == 0 ? 1 : 0;
        CallOptions options =
                CallOptions.DEFAULT.priority(random.nextInt(6) == 0 ? 1 : 0).retryOnCrash(retries);
        if (behaviour == Behaviour.SAYS_MUCH) {
            options = options.onProgress(_ -> {});
        }
        boolean timeout = behaviour.needsTimeout();
        if (timeout) {
            options = options.timeout(Duration.ofMillis(300));
        }
        try {
            return new Submitted(
                    behaviour, pool.submit(options, behaviour.function(begun.toString(), number)), retries, timeout);
        } catch (RejectedExecutionException full) {
            return null;
        }
    }

    private static void cancelOne(List<@Nullable Submitted> calls, SplittableRandom random) {
        if (!calls.isEmpty()) {
            Submitted one = calls.get(random.nextInt(calls.size()));
            if (one != null && one.call.cancel(random.nextBoolean())) {
                mayBeCancelled(one);
            }
        }
    }

    private static void mayBeCancelled(@Nullable Submitted submitted) {
        if (submitted != null) {
            submitted.mayBeCancelled = true;
        }
    }

    private static void check(ProcessPoolExecutor pool, List<@Nullable Submitted> calls, List<String> begun) {
        for (int number = 0; number < calls.size(); number++) {
            Submitted submitted = calls.get(number);
            String name = Integer.toString(number);
            long runs = begun.stream().filter(name::equals).count();
            if (submitted == null) {
                assertThat(runs).isZero();
            } else {
                assertThat(submitted.call).isDone();
                submitted.behaviour.check(number, submitted);
                assertThat(runs).describedAs("runs of call " + number).isLessThanOrEqualTo(1 + submitted.retries);
            }
        }
        PoolStatistics statistics = pool.statistics();
        assertThat(statistics.each()).isEmpty();
        assertThat(statistics.queued()).isZero();
        assertThat(statistics.ended().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(statistics.started());
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> ProcessHandle.current()
                        .children()
                        .noneMatch(
                                child -> child.info().commandLine().orElse("").contains("WorkerMain")));
    }
}
