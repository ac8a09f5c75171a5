package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.awaitFile;
import static dev.offloop.process.Calls.createFile;
import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.isAlive;
import static dev.offloop.process.Calls.pid;
import static dev.offloop.process.Calls.signal;
import static dev.offloop.process.Calls.stop;
import static dev.offloop.process.Calls.submitAndHear;
import static dev.offloop.process.Calls.submitBlocker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.offloop.Offload;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that die in every way there is, and what the pool makes of it. */
class WorkerCrashTest {

    @TempDir
    private Path temp;

    private static WorkerCrashedException crashOf(CompletableFuture<?> call) {
        Throwable cause = catchThrowable(() -> get(call)).getCause();
        assertThat(cause).isInstanceOf(WorkerCrashedException.class);
        return (WorkerCrashedException) cause;
    }

    @Test
    void aKilledWorkerFailsItsCallAndNobodyElses() throws Exception {
        try (var pool = ProcessPoolExecutor.create(2)) {
            long victim = pool.submit(() -> pid()).get();
            CompletableFuture<Void> running = submitAndHear(pool, () -> {
                Offload.progress("running");
                Thread.sleep(Duration.ofHours(1));
            });
            List<CompletableFuture<Integer>> others = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int number = i;
                others.add(pool.submit(() -> number));
            }
            signal(victim, "KILL");
            WorkerCrashedException crash = crashOf(running);
            assertThat(crash.pid()).isEqualTo(victim);
            assertThat(crash.signal()).contains("SIGKILL");
            assertThat(crash.exitCode()).isEmpty();
            assertThat(crash).hasMessageContaining("SIGKILL");
            for (int i = 0; i < others.size(); i++) {
                assertThat(get(others.get(i))).isEqualTo(i);
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
            CompletableFuture<Void> running = submitAndHear(pool, () -> {
                Offload.progress("running");
                Thread.sleep(Duration.ofHours(1));
            });
            signal(victim, "TERM");
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
                signal(victim, "KILL");
                assertThat(get(pool.submit(() -> pid()))).isNotEqualTo(victim);
            }
        }
    }

    /** Runs until the call that creates the other file runs too. */
    private static long meet(String mine, String others) throws Exception {
        createFile(mine);
        awaitFile(others);
        return pid();
    }

    @Test
    void aCallThatADeadWorkerNeverReadGoesToAnIdleOne() throws Exception {
        try (var pool = ProcessPoolExecutor.create(2)) {
            for (int round = 0; round < 5; round++) {
                String fileOne = temp.resolve("one" + round).toString();
                String fileTwo = temp.resolve("two" + round).toString();
                CompletableFuture<Long> one = pool.submit(() -> meet(fileOne, fileTwo));
                CompletableFuture<Long> two = pool.submit(() -> meet(fileTwo, fileOne));
                long first = get(one);
                long last = get(two);
                assertThat(last).isNotEqualTo(first);
                stop(first); // whichever of them is next, one cannot read
                stop(last);
                CompletableFuture<Integer> call = pool.submit(() -> 1);
                signal(last, "KILL");
                signal(first, "CONT");
                assertThat(get(call)).isEqualTo(1);
            }
        }
    }

    @Test
    void ctrlCInTheTerminalDoesNotReachTheWorkers() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = pool.submit(() -> pid()).get();
            signal(worker, "INT");
            assertThat(pool.submit(() -> pid()).get()).isEqualTo(worker);
        }
    }

    @Test
    void aWorkerThatDiesWhileItReadsALargeArgumentCostsNothing() throws Exception {
        byte[] large = new byte[64 * 1024 * 1024];
        try (var pool = ProcessPoolExecutor.create(1)) {
            long victim = pool.submit(() -> pid()).get();
            stop(victim); // it cannot read on
            CompletableFuture<Integer> call = pool.submit(() -> large.length);
            signal(victim, "KILL");
            assertThat(get(call)).isEqualTo(large.length);
        }
    }

    /** In a worker: ends the process as soon as its main thread writes a result. */
    private static void haltWhileWriting() {
        Thread main = Thread.currentThread();
        Thread.ofPlatform().daemon().start(() -> {
            while (Stream.of(main.getStackTrace())
                    .noneMatch(frame -> frame.getClassName().endsWith(".WorkerChannel")
                            && frame.getMethodName().equals("write"))) {
                Thread.onSpinWait();
            }
            Runtime.getRuntime().halt(3);
        });
    }

    @Test
    void aWorkerThatDiesWhileItWritesALargeResultFailsItsCallOnly() throws Exception {
        String go = temp.resolve("go").toString();
        try (var pool = ProcessPoolExecutor.create(1)) {
            long worker = get(pool.submit(() -> pid()));
            var ended = new CountDownLatch(1);
            // Holds up the I/O thread, so that the result gets no further than the buffers of its socket.
            CompletableFuture<Boolean> heldUp = pool.submit(() -> awaitFile(go)).thenApply(_ -> cameDown(ended));
            CompletableFuture<byte[]> call = pool.submit(() -> {
                haltWhileWriting();
                return new byte[20_000_000];
            });
            createFile(go);
            await().until(() -> !isAlive(worker));
            assertThat(call).isNotDone();
            ended.countDown();
            assertThat(get(heldUp)).isTrue();
            assertThat(crashOf(call).exitCode()).hasValue(3);
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
    }

    private static boolean cameDown(CountDownLatch latch) {
        try {
            return latch.await(50, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
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
                assertThat(catchThrowable(() -> get(call)).getCause())
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
            assertThat(get(next)).isEqualTo(1);
        }
    }

    /** A shell that writes its process id into a file, waits for another file and becomes the worker. */
    private static final String WAITING = "echo $$ > \"$1.new\"; mv \"$1.new\" \"$1\";"
            + " while [ ! -e \"$2\" ]; do sleep 0.02; done; shift 2; exec \"$@\"";

    @Test
    void aWorkerKilledBeforeItHasConnectedCostsNothing() throws Exception {
        Path starting = temp.resolve("starting");
        String go = temp.resolve("go").toString();
        aWorkerKilledWhileItStartsCostsNothing(
                ProcessPoolExecutor.builder().commandPrefix("sh", "-c", WAITING, "sh", starting.toString(), go),
                starting,
                go);
    }

    @Test
    void aWorkerKilledInItsInitializerCostsNothing() throws Exception {
        Path starting = temp.resolve("starting");
        String file = starting.toString();
        String go = temp.resolve("go").toString();
        aWorkerKilledWhileItStartsCostsNothing(
                ProcessPoolExecutor.builder().initializer(() -> {
                    Files.writeString(Path.of(file + ".new"), Long.toString(pid()));
                    Files.move(Path.of(file + ".new"), Path.of(file), StandardCopyOption.REPLACE_EXISTING);
                    awaitFile(go);
                }),
                starting,
                go);
    }

    private static void aWorkerKilledWhileItStartsCostsNothing(
            ProcessPoolExecutor.Builder builder, Path starting, String go) throws Exception {
        try (var pool = builder.maxWorkers(1).build()) {
            List<CompletableFuture<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                int number = i;
                calls.add(pool.submit(() -> number));
            }
            awaitFile(starting.toString());
            signal(Long.parseLong(Files.readString(starting).strip()), "KILL");
            createFile(go);
            for (int i = 0; i < calls.size(); i++) {
                assertThat(get(calls.get(i))).isEqualTo(i);
            }
            assertThat(pool.statistics().ended()).isEqualTo(Map.of(WorkerEnd.NOT_STARTED, 1L));
        }
    }

    @Test
    void aDependentThatWaitsForThePoolIsTold() throws Exception {
        String go = temp.resolve("go").toString();
        try (var pool = ProcessPoolExecutor.create(1)) {
            CompletableFuture<Void> closing = submitBlocker(pool, go).thenRun(pool::close);
            createFile(go);
            assertThat(catchThrowable(() -> get(closing)).getCause())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("thenApplyAsync");
        }
    }

    /** Runs a pool in a JVM of its own, prints the pid of a worker that runs for ever, and waits. */
    static final class Parent {
        public static void main(String[] args) throws Exception {
            var pool = ProcessPoolExecutor.create(2);
            long idle = pool.submit(() -> pid()).get();
            CompletableFuture<Void> endless = submitAndHear(pool, () -> {
                Offload.progress("running");
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
                signal(parent.pid(), signal);
            }
            await().until(() -> !parent.isAlive() && workers.stream().noneMatch(ProcessHandle::isAlive));
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
