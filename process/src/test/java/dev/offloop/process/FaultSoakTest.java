package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.workers;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Minutes of random faults: every call ends, in the one way that its function leads to, and nothing is left behind.
 *
 * <p>{@code -Dsoak.seconds=600} makes it ten minutes, {@code -Dsoak.seed=…} repeats the order of faults that was
 * printed.
 */
class FaultSoakTest {

    private static final int UNDER_WAY = 16;
    private static final Duration HANG = Duration.ofSeconds(60);

    private enum Fault {
        NONE("result"),
        LARGE("result"),
        THROWS("ArithmeticException"),
        HALTS("WorkerCrashedException"),
        EXITS("WorkerCrashedException"),
        KILLED("WorkerCrashedException"),
        HEAP("WorkerOutOfMemoryException"),
        ENDLESS("CallTimeoutException"),
        SLEEPS("CallTimeoutException"),
        NOT_SERIALIZABLE("NotTransferableException"),
        PRINTS("result"),
        CANCELLED("cancelled");

        private final String end;

        Fault(String end) {
            this.end = end;
        }
    }

    private record Submitted(Fault fault, long number, CompletableFuture<?> call) {}

    private static Object behave(Fault fault, long number) throws Exception {
        return switch (fault) {
            case NONE -> number;
            case LARGE -> new byte[1 + (int) (number % 2_000_000)];
            case THROWS -> throw new ArithmeticException(Long.toString(number));
            case HALTS -> {
                Runtime.getRuntime().halt(17);
                yield null;
            }
            case EXITS -> {
                System.exit(18);
                yield null;
            }
            case KILLED -> {
                new ProcessBuilder(
                                "kill",
                                "-9",
                                Long.toString(ProcessHandle.current().pid()))
                        .start()
                        .waitFor();
                Thread.sleep(60_000);
                yield null;
            }
            case HEAP -> {
                var all = new ArrayDeque<byte[]>();
                while (true) {
                    all.add(new byte[1024 * 1024]);
                }
            }
            case ENDLESS -> {
                while (true) {
                    Thread.onSpinWait();
                }
            }
            case SLEEPS, CANCELLED -> {
                Thread.sleep(60_000);
                yield null;
            }
            case NOT_SERIALIZABLE -> new Object();
            case PRINTS -> {
                System.out.println("x".repeat((int) (number % 100_000)));
                yield number;
            }
        };
    }

    private final Random random;
    private final long seed = Long.getLong("soak.seed", System.nanoTime());
    private final Map<String, AtomicLong> counts = new TreeMap<>();
    private long submitted;

    FaultSoakTest() {
        random = new Random(seed);
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void everyCallEndsAsItsFunctionDoesAndNothingIsLeftBehind() throws Exception {
        Path folder;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("soak.seconds", 60));
        var underWay = new ArrayDeque<Submitted>();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(3)
                .maxHeap("64m")
                .cancelGrace(Duration.ofMillis(50))
                .output(WorkerOutput.discarded())
                .build()) {
            folder = Path.of(get(pool.submit(() -> poolFolder())));
            assertThat(folder).exists();
            var ways = new SoakedWays(pool, end, seed);
            List<FutureTask<?>> users = Stream.<Callable<?>>of(
                            Executors.callable(ways::streams),
                            () -> {
                                ways.sessions();
                                return null;
                            },
                            () -> {
                                ways.sharedMemory();
                                return null;
                            })
                    .<FutureTask<?>>map(FutureTask::new)
                    .toList();
            users.forEach(user -> Thread.ofPlatform().daemon().name("soak").start(user));
            while (System.nanoTime() < end) {
                underWay.add(submit(pool));
                if (underWay.size() >= UNDER_WAY) {
                    check(underWay.remove());
                }
            }
            for (Submitted left : underWay) {
                check(left);
            }
            for (FutureTask<?> user : users) {
                user.get(HANG.toSeconds(), TimeUnit.SECONDS);
            }
            System.out.println(
                    "soak: seed " + seed + ", " + submitted + " calls, " + counts + ", " + ways.counts + ", workers "
                            + pool.statistics().started() + " started, "
                            + pool.statistics().ended());
        }
        assertThat(workers()).as("processes left behind").isEmpty();
        assertThat(folder).as("the pool's folder is left behind").doesNotExist();
        assertThat(sharedMemory()).as("shared memory is left behind").isEmpty();
    }

    private static List<String> sharedMemory() throws IOException {
        Path folder = Path.of("/dev/shm");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(Path::toString)
                    .filter(file -> file.contains("offloop"))
                    .toList();
        }
    }

    /** In a worker: the folder of its pool, where its crash report would be. */
    private static String poolFolder() {
        return Stream.of(ProcessHandle.current().info().arguments().orElseThrow())
                .filter(argument -> argument.startsWith("-XX:ErrorFile="))
                .map(argument -> argument.substring("-XX:ErrorFile=".length(), argument.lastIndexOf('/')))
                .findFirst()
                .orElseThrow();
    }

    private Submitted submit(ProcessPoolExecutor pool) {
        // Half of the calls are healthy, so that there is something to lose.
        Fault fault = random.nextBoolean() ? Fault.NONE : Fault.values()[random.nextInt(Fault.values().length)];
        long number = ++submitted;
        boolean slow = fault == Fault.ENDLESS || fault == Fault.SLEEPS;
        CallOptions options = slow ? CallOptions.DEFAULT.timeout(Duration.ofMillis(50)) : CallOptions.DEFAULT;
        CompletableFuture<Object> call = pool.submit(options, () -> behave(fault, number));
        if (fault == Fault.CANCELLED) {
            CompletableFuture.delayedExecutor(random.nextInt(100), TimeUnit.MILLISECONDS)
                    .execute(() -> call.cancel(true));
        }
        return new Submitted(fault, number, call);
    }

    private void check(Submitted one) throws Exception {
        String ended;
        try {
            Object result = one.call.get(HANG.toSeconds(), TimeUnit.SECONDS);
            ended = "result";
            if (one.fault == Fault.LARGE) {
                assertThat((byte[]) result).hasSize(1 + (int) (one.number % 2_000_000));
            } else {
                assertThat(result).as("a result of another call").isEqualTo(one.number);
            }
        } catch (ExecutionException e) {
            ended = e.getCause().getClass().getSimpleName();
            if (one.fault == Fault.THROWS) {
                assertThat(e.getCause()).hasMessage(Long.toString(one.number));
            }
        } catch (CancellationException e) {
            ended = "cancelled";
        } catch (TimeoutException e) {
            ended = "hang";
        }
        assertThat(ended)
                .as("call %s of seed %s, a %s", one.number, seed, one.fault)
                .isEqualTo(one.fault.end);
        counts.computeIfAbsent(ended, _ -> new AtomicLong()).incrementAndGet();
    }
}
