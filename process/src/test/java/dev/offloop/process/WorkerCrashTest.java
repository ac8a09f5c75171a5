package dev.offloop.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that die in every way there is, and what the pool makes of it. */
class WorkerCrashTest {

    private static WorkerCrashedException crashOf(CompletableFuture<?> call) {
        Throwable cause = catchThrowable(() -> call.get(30, TimeUnit.SECONDS)).getCause();
        assertThat(cause).isInstanceOf(WorkerCrashedException.class);
        return (WorkerCrashedException) cause;
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }

    private static void kill(long pid, String signal) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void aKilledWorkerFailsItsCallAndNobodyElses() throws Exception {
        try (var pool = ProcessPoolExecutor.create(2)) {
            long victim = pool.submit(() -> pid()).get();
            CompletableFuture<Void> running = pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
            List<CompletableFuture<Integer>> others = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int number = i;
                others.add(pool.submit(() -> number));
            }
            kill(victim, "KILL");
            WorkerCrashedException crash = crashOf(running);
            assertThat(crash.pid()).isEqualTo(victim);
            assertThat(crash.signal()).contains("SIGKILL");
            assertThat(crash.exitCode()).isEmpty();
            assertThat(crash).hasMessageContaining("SIGKILL");
            for (int i = 0; i < others.size(); i++) {
                assertThat(others.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(i);
            }
        }
    }

    @Test
    void systemExitIsACrashWithItsCode() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            WorkerCrashedException crash = crashOf(pool.submit(() -> System.exit(7)));
            assertThat(crash.exitCode()).hasValue(7);
            assertThat(crash.signal()).isEmpty();
            assertThat(crashOf(pool.submit(() -> System.exit(137))).exitCode()).hasValue(137);
            assertThat(pool.submit(() -> 1).get()).isEqualTo(1);
        }
    }

    @Test
    void haltIsACrashWithItsCode() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            assertThat(crashOf(pool.submit(() -> Runtime.getRuntime().halt(9))).exitCode())
                    .hasValue(9);
        }
    }

    @Test
    void aTerminatedWorkerNamesTheSignal() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            long victim = pool.submit(() -> pid()).get();
            CompletableFuture<Void> running = pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
            kill(victim, "TERM");
            assertThat(crashOf(running).signal()).contains("SIGTERM");
        }
    }

    @Test
    void aFullHeapEndsTheWorkerAndSaysSo() throws Exception {
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).maxHeap("32m").build()) {
            WorkerCrashedException crash = crashOf(pool.submit(() -> {
                List<byte[]> all = new ArrayList<>();
                while (true) {
                    all.add(new byte[1_000_000]);
                }
            }));
            assertThat(crash).hasMessageContaining("out of memory");
            assertThat(pool.submit(() -> 1).get()).isEqualTo(1);
        }
    }

    @Test
    void aWorkerThatDiedWhileIdleNeverFailsTheNextCall() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            for (int round = 0; round < 5; round++) {
                long victim = pool.submit(() -> pid()).get();
                kill(victim, "KILL");
                assertThat(pool.submit(() -> pid()).get(30, TimeUnit.SECONDS)).isNotEqualTo(victim);
            }
        }
    }

    @Test
    void aCallThatADeadWorkerNeverReadGoesToAnIdleOne() throws Exception {
        try (var pool = ProcessPoolExecutor.create(2)) {
            for (int round = 0; round < 5; round++) {
                pool.warmUp().get(30, TimeUnit.SECONDS); // else one worker may run both calls while the other starts
                CompletableFuture<Long> one = pool.submit(() -> {
                    Thread.sleep(300);
                    return pid();
                });
                CompletableFuture<Long> two = pool.submit(() -> {
                    Thread.sleep(300);
                    return pid();
                });
                one.get();
                long last = two.get();
                kill(one.get(), "STOP"); // whichever of them is next, one cannot read
                kill(last, "STOP");
                CompletableFuture<Integer> call = pool.submit(() -> 1);
                kill(last, "KILL");
                kill(one.get(), "CONT");
                assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo(1);
            }
        }
    }

    @Test
    void ctrlCInTheTerminalDoesNotReachTheWorkers() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = pool.submit(() -> pid()).get();
            kill(worker, "INT");
            assertThat(pool.submit(() -> pid()).get()).isEqualTo(worker);
        }
    }

    @Test
    void aWorkerThatDiesWhileItReadsALargeArgumentCostsNothing() throws Exception {
        byte[] large = new byte[64 * 1024 * 1024];
        try (var pool = ProcessPoolExecutor.create(1)) {
            long victim = pool.submit(() -> pid()).get();
            kill(victim, "STOP"); // it cannot read on
            CompletableFuture<Integer> call = pool.submit(() -> large.length);
            kill(victim, "KILL");
            assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo(large.length);
        }
    }

    @Test
    void aWorkerThatDiesWhileItWritesALargeResultFailsItsCallOnly() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            CompletableFuture<byte[]> call = pool.submit(() -> {
                Thread.ofPlatform().daemon().start(() -> {
                    try {
                        Thread.sleep(100);
                    } catch (InterruptedException e) {
                        return;
                    }
                    Runtime.getRuntime().halt(3);
                });
                return new byte[300_000_000];
            });
            assertThatThrownBy(() -> call.get(30, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
            assertThat(pool.submit(() -> 1).get()).isEqualTo(1);
        }
    }

    @Test
    void workersThatCannotStartFailTheCallsAndSayWhy() {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .jvmArguments("-XX:NoSuchFlag")
                .build()) {
            CompletableFuture<Integer> one = pool.submit(() -> 1);
            CompletableFuture<Integer> two = pool.submit(() -> 2);
            for (CompletableFuture<Integer> call : List.of(one, two)) {
                assertThat(catchThrowable(() -> call.get(30, TimeUnit.SECONDS)).getCause())
                        .isInstanceOf(WorkerStartException.class)
                        .hasMessageContaining("exit code 1")
                        .hasMessageContaining("NoSuchFlag");
            }
        }
    }

    @Test
    void anArgumentTooLargeForTheWorkersHeapFailsItsCallAndNotTheNext() throws Exception {
        byte[] large = new byte[80_000_000];
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).maxHeap("32m").build()) {
            CompletableFuture<Integer> tooLarge = pool.submit(() -> large.length);
            CompletableFuture<Integer> next = pool.submit(() -> 1);
            assertThat(crashOf(tooLarge)).hasMessageContaining("out of memory");
            assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    @Test
    void aWorkerKilledWhileItStartsCostsNothing() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            List<CompletableFuture<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                int number = i;
                calls.add(pool.submit(() -> number));
            }
            ProcessHandle starting = await().pollInterval(Duration.ofMillis(1))
                    .until(() -> ProcessHandle.current().children().findFirst(), java.util.Optional::isPresent)
                    .orElseThrow();
            starting.destroyForcibly();
            for (int i = 0; i < calls.size(); i++) {
                assertThat(calls.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(i);
            }
        }
    }

    @Test
    void aDependentThatWaitsForThePoolIsTold() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            CompletableFuture<Void> closing = pool.submit(() -> {
                        Thread.sleep(100);
                        return 1;
                    })
                    .thenRun(pool::close);
            assertThat(catchThrowable(() -> closing.get(10, TimeUnit.SECONDS)).getCause())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("thenApplyAsync");
        }
    }

    /** Runs a pool in a JVM of its own, prints the pid of a worker that runs for ever, and waits. */
    static final class Parent {
        public static void main(String[] args) throws Exception {
            var pool = ProcessPoolExecutor.create(2);
            long idle = pool.submit(() -> pid()).get();
            CompletableFuture<Void> endless = pool.submit(() -> {
                while (true) {
                    Thread.onSpinWait();
                }
            });
            long other = pool.submit(() -> pid()).get();
            IO.println(idle + " " + other);
            if (args[0].equals("exit")) {
                return; // the pool is not closed, and must not keep the JVM alive
            }
            endless.get();
        }
    }

    @TempDir
    private Path temp;

    private void workersEndWithTheirParent(String how, String signal) throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:-UsePerfData",
                        "-Djava.io.tmpdir=" + temp,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        how)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            List<ProcessHandle> workers = new ArrayList<>();
            var out = new BufferedReader(new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8));
            for (String pid : out.readLine().split(" ")) {
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(workers::add);
            }
            if (signal != null) {
                kill(parent.pid(), signal);
            }
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> !parent.isAlive() && workers.stream().noneMatch(ProcessHandle::isAlive));
            assertThat(temp).as("the pool's folder is gone").isEmptyDirectory();
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void workersEndWhenTheParentIsKilled() throws Exception {
        workersEndWithTheirParent("wait", "KILL");
    }

    @Test
    void workersEndWhenTheParentIsTerminated() throws Exception {
        workersEndWithTheirParent("wait", "TERM");
    }

    @Test
    void workersEndWhenTheParentReturnsFromMainAndDoNotKeepItAlive() throws Exception {
        workersEndWithTheirParent("exit", null);
    }
}
