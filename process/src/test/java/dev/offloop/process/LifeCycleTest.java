package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.awaitFile;
import static dev.offloop.process.Calls.createFile;
import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.patientPool;
import static dev.offloop.process.Calls.pid;
import static dev.offloop.process.Calls.submitAndHear;
import static dev.offloop.process.Calls.submitBlocker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Offload;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How workers come and go, and what they are started with. */
class LifeCycleTest {

    private static String greeting = "not initialized";

    @Test
    void warmUpStartsAllWorkers() throws Exception {
        try (var pool = ProcessPoolExecutor.create(2)) {
            assertThat(pool.statistics().workers()).isZero();
            get(pool.warmUp());
            assertThat(pool.statistics().idle()).isEqualTo(2);
            get(pool.warmUp());
            assertThat(pool.statistics().started()).isEqualTo(2);
        }
    }

    @Test
    void warmUpFailsIfNoWorkerCanStartHoweverFewThereMayBe() {
        for (int workers = 1; workers <= 2; workers++) {
            try (var pool = ProcessPoolExecutor.builder()
                    .maxWorkers(workers)
                    .java(Path.of("/bin/false"))
                    .build()) {
                assertThatThrownBy(() -> get(pool.warmUp())).hasCauseInstanceOf(WorkerStartException.class);
            }
        }
    }

    @Test
    void anotherCollectorMayBeChosenByArgumentAndByEnvironment() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .jvmArguments("-XX:+UseG1GC")
                .build()) {
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .environment("JAVA_TOOL_OPTIONS", "-Dany=thing -XX:+UseParallelGC")
                .build()) {
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
    }

    @Test
    void anIdleWorkerIsLetGoAndAnotherStartedWhenItIsNeeded() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .idleTimeout(Duration.ofMillis(50))
                .build()) {
            long first = get(pool.submit(() -> pid()));
            await().until(() -> pool.statistics().workers() == 0);
            assertThat(pool.statistics().ended()).containsEntry(WorkerEnd.IDLE, 1L);
            assertThat(get(pool.submit(() -> pid()))).isNotEqualTo(first);
        }
    }

    @Test
    void aWorkerIsReplacedAfterItsTasksAlsoWithABacklog() throws Exception {
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(2).maxTasksPerWorker(3).build()) {
            List<CompletableFuture<Long>> calls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                calls.add(pool.submit(() -> pid()));
            }
            Set<Long> pids = new HashSet<>();
            for (CompletableFuture<Long> call : calls) {
                pids.add(get(call));
            }
            assertThat(pids).hasSizeGreaterThanOrEqualTo(7);
            assertThat(pool.statistics().completed()).isEqualTo(20);
        }
    }

    @Test
    void aWorkerThatHasGrownTooLargeIsReplaced() throws Exception {
        try (var pool = ProcessPoolExecutor.builder().maxWorkers(1).maxRss(1).build()) {
            long first = get(pool.submit(() -> pid()));
            assertThat(get(pool.submit(() -> pid()))).isNotEqualTo(first);
            assertThat(pool.statistics().ended()).containsKey(WorkerEnd.MAX_RSS);
        }
    }

    @Test
    void aWorkerThatLeaksIsReplacedAndOneThatHasALargeCallIsNot() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .maxRssGrowth(64L << 20)
                .build()) {
            for (int i = 0; i < 8; i++) {
                get(pool.submit(() -> pid()));
            }
            assertThat(get(pool.submit(() -> nativeMegabytes(200, false)))).isPositive();
            for (int i = 0; i < 20; i++) {
                get(pool.submit(() -> pid()));
            }
            assertThat(pool.statistics().ended()).doesNotContainKey(WorkerEnd.RSS_GROWTH);
            for (int i = 0; i < 20; i++) {
                get(pool.submit(() -> nativeMegabytes(8, true)));
            }
            assertThat(pool.statistics().ended()).containsEntry(WorkerEnd.RSS_GROWTH, 1L);
        }
    }

    /** Memory that is touched, and given back or not. */
    private static long nativeMegabytes(int megabytes, boolean leak) {
        Arena arena = leak ? Arena.global() : Arena.ofConfined();
        MemorySegment memory = arena.allocate((long) megabytes << 20);
        memory.fill((byte) 1);
        if (!leak) {
            arena.close();
        }
        return memory.byteSize();
    }

    @Test
    void statisticsTellOfEachWorkerAndHowLongThingsTook() throws Exception {
        try (var pool = patientPool(1)) {
            get(pool.warmUp());
            CompletableFuture<Void> running = submitAndHear(pool, () -> {
                Offload.progress("here");
                Thread.sleep(Duration.ofHours(1));
            });
            CompletableFuture<Integer> waiting = pool.submit(() -> 1);
            PoolStatistics now = pool.statistics();
            assertThat(now.each()).singleElement().satisfies(worker -> {
                assertThat(worker.state()).isEqualTo(WorkerStatus.State.BUSY);
                assertThat(worker.since()).isPositive();
                assertThat(ProcessHandle.of(worker.pid())).isPresent();
            });
            assertThat(now.queueTime().count()).isEqualTo(1);
            assertThat(now.runTime().count()).isZero();
            Duration before = now.each().getFirst().since();
            await().until(() -> pool.statistics()
                            .each()
                            .getFirst()
                            .since()
                            .minus(before)
                            .compareTo(now.queueTime().max())
                    > 0);
            running.cancel(true);
            get(waiting);
            PoolStatistics after = pool.statistics();
            assertThat(after.queueTime().count()).isEqualTo(2);
            assertThat(after.queueTime().max()).isGreaterThan(now.queueTime().max());
            assertThat(after.runTime().count()).isEqualTo(2);
            assertThat(after.each()).singleElement().satisfies(worker -> {
                assertThat(worker.state()).isEqualTo(WorkerStatus.State.IDLE);
                assertThat(worker.callsDone()).isEqualTo(2);
            });
            pool.shutdown();
            await().until(pool::isTerminated);
            assertThat(pool.statistics().ended()).isEqualTo(java.util.Map.of(WorkerEnd.SHUTDOWN, 1L));
        }
    }

    @Test
    void theInitializerRunsInEveryWorkerBeforeItsFirstCall() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .initializer(() -> greeting = "hello")
                .build()) {
            for (int i = 0; i < 4; i++) {
                assertThat(get(pool.submit(() -> greeting))).isEqualTo("hello");
            }
        }
    }

    @Test
    void anInitializerThatFailsFailsTheCallsWithItsOwnStackTrace() {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .initializer(() -> {
                    throw new IllegalStateException("no licence");
                })
                .build()) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> get(pool.submit(() -> 1)))
                        .isInstanceOf(ExecutionException.class)
                        .cause()
                        .isInstanceOf(WorkerStartException.class)
                        .cause()
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("no licence")
                        .hasCauseInstanceOf(RemoteStackTrace.class);
            }
            assertThatThrownBy(() -> get(pool.warmUp())).hasCauseInstanceOf(WorkerStartException.class);
        }
    }

    @Test
    void anInitializerMayThrowACancellationAndReportProgress() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .initializer(() -> {
                    throw new CancellationException("odd");
                })
                .build()) {
            assertThatThrownBy(() -> get(pool.submit(() -> 1))).hasCauseInstanceOf(WorkerStartException.class);
        }
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .initializer(() -> dev.offloop.Offload.progress("nobody hears it"))
                .build()) {
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
    }

    @Test
    void aSubmitterThatWaitsForRoomIsToldWhenNoWorkerCanStart(@TempDir Path folder) throws Exception {
        String fail = folder.resolve("fail").toString();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .maxQueued(1)
                .blockWhenFull()
                .initializer(() -> {
                    awaitFile(fail);
                    throw new IllegalStateException("never ready");
                })
                .build()) {
            CompletableFuture<Integer> first = pool.submit(() -> 1);
            CompletableFuture<CompletableFuture<Integer>> second = submitWhileFull(pool);
            createFile(fail);
            assertThatThrownBy(() -> get(first)).hasCauseInstanceOf(WorkerStartException.class);
            assertThatThrownBy(() -> get(get(second))).hasCauseInstanceOf(WorkerStartException.class);
            CompletableFuture<Integer> third = pool.submit(() -> 1);
            assertThatThrownBy(() -> get(third)).hasCauseInstanceOf(WorkerStartException.class);
        }
    }

    /** Submits on a thread of its own, and waits until that thread waits for room in the queue. */
    private static CompletableFuture<CompletableFuture<Integer>> submitWhileFull(ProcessPoolExecutor pool) {
        var submitted = new CompletableFuture<CompletableFuture<Integer>>();
        Thread submitter = Thread.ofPlatform().start(() -> {
            try {
                submitted.complete(pool.submit(() -> 1));
            } catch (Throwable e) {
                submitted.completeExceptionally(e);
            }
        });
        await().until(() -> waitsForRoom(submitter));
        return submitted;
    }

    private static boolean waitsForRoom(Thread submitter) {
        return submitter.getState() == Thread.State.WAITING
                && Stream.of(submitter.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().equals(CompletableFuture.class.getName()));
    }

    @Test
    void warmingUpEndsWithThePool() throws Exception {
        for (int i = 0; i < 10; i++) {
            var pool = ProcessPoolExecutor.builder()
                    .maxWorkers(2)
                    .initializer(() -> new CountDownLatch(1).await()) // no worker is ready before the pool ends
                    .build();
            CompletableFuture<Void> warm = pool.warmUp();
            if (i % 2 == 0) {
                pool.shutdownNow();
            } else {
                pool.shutdown();
            }
            assertThatThrownBy(() -> get(warm)).hasCauseInstanceOf(RejectedExecutionException.class);
            pool.close();
        }
    }

    @Test
    void anInitializerThatExitsFailsTheCallsInsteadOfRespawningForEver() {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .initializer(() -> {
                    System.err.println("bye from the initializer");
                    System.err.flush();
                    System.exit(3);
                })
                .output(WorkerOutput.discarded())
                .build()) {
            assertThatThrownBy(() -> get(pool.submit(() -> 1)))
                    .cause()
                    .isInstanceOf(WorkerStartException.class)
                    .hasMessageContaining("bye from the initializer");
        }
    }

    @Test
    void workersHaveTheDirectoryTheEnvironmentAndThePriorityGiven(@TempDir Path folder) throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .workingDirectory(folder)
                .environment("OFFLOOP_TEST", "set")
                .environment("HOME", null)
                .niceness(7)
                .jvmArguments("-Dtest.property=yes")
                .build()) {
            assertThat(get(pool.submit(() -> Path.of("").toAbsolutePath().toString())))
                    .isEqualTo(folder.toRealPath().toString());
            assertThat(get(pool.submit(() -> System.getenv("OFFLOOP_TEST")))).isEqualTo("set");
            assertThat(get(pool.submit(() -> System.getenv("HOME")))).isNull();
            assertThat(get(pool.submit(() -> System.getProperty("test.property"))))
                    .isEqualTo("yes");
            assertThat(get(pool.submit(() -> niceness()))).isEqualTo(niceness() + 7);
        }
    }

    private static int niceness() throws Exception {
        String stat = java.nio.file.Files.readString(Path.of("/proc/self/stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
    }

    @Test
    void aCommandPrefixStandsBeforeJava() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .commandPrefix("env", "OFFLOOP_PREFIX=there")
                .build()) {
            assertThat(get(pool.submit(() -> System.getenv("OFFLOOP_PREFIX")))).isEqualTo("there");
        }
    }

    @Test
    void aPrefixThatStaysAsTheParentIsNoDeadParent() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .commandPrefix("sh", "-c", "\"$@\"; exit $?", "sh")
                .build()) {
            assertThat(get(pool.submit(() -> {
                        Thread.sleep(700); // long enough for the watch to look twice
                        return 1;
                    })))
                    .isEqualTo(1);
        }
    }

    @Test
    void terminateWorkersLetsTheirShutdownHooksRun(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("hook-ran");
        String name = file.toString();
        var pool = ProcessPoolExecutor.create(1);
        CompletableFuture<Void> running = submitAndHear(pool, () -> {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    createFile(name);
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }));
            Offload.progress("the hook is there");
            Thread.sleep(Duration.ofHours(1));
        });
        pool.terminateWorkers();
        assertThatThrownBy(running::get).isInstanceOf(CancellationException.class);
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(file).exists();
    }

    @Test
    void killWorkersEndsEverythingAtOnce() throws Exception {
        var pool = ProcessPoolExecutor.create(1);
        CompletableFuture<Void> running = pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
        CompletableFuture<Integer> waiting = pool.submit(() -> 1);
        await().until(() -> pool.statistics().busy() == 1);
        pool.killWorkers();
        assertThatThrownBy(running::get).isInstanceOf(CancellationException.class);
        assertThatThrownBy(waiting::get).isInstanceOf(CancellationException.class);
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    // ---- the queue

    @Test
    void aFullQueueRefuses(@TempDir Path folder) throws Exception {
        String go = folder.resolve("go").toString();
        try (var pool = ProcessPoolExecutor.builder().maxWorkers(1).maxQueued(2).build()) {
            submitBlocker(pool, go);
            CompletableFuture<Integer> first = pool.submit(() -> 1);
            CompletableFuture<Integer> second = pool.submit(() -> 2);
            assertThatThrownBy(() -> pool.submit(() -> 3))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("maxQueued");
            first.cancel(true);
            CompletableFuture<Integer> inItsPlace = pool.submit(() -> 4);
            createFile(go);
            assertThat(get(second)).isEqualTo(2);
            assertThat(get(inItsPlace)).isEqualTo(4);
        }
    }

    @Test
    void aFullQueueThatBlocksLosesNothing() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .maxQueued(2)
                .blockWhenFull()
                .build()) {
            submitAndGetAll(pool, Integer.MAX_VALUE); // calls that were sent ahead may come back into the queue
            get(pool.submit(CallOptions.DEFAULT.priority(1), () -> 1)); // no call is sent ahead from now on
            submitAndGetAll(pool, 2);
        }
    }

    private static void submitAndGetAll(ProcessPoolExecutor pool, int maxQueued) throws Exception {
        List<CompletableFuture<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int n = i;
            calls.add(pool.submit(() -> n));
            assertThat(pool.statistics().queued()).isLessThanOrEqualTo(maxQueued);
        }
        for (int i = 0; i < calls.size(); i++) {
            assertThat(get(calls.get(i))).isEqualTo(i);
        }
    }

    @Test
    void aSubmitterThatWaitsForRoomIsToldWhenThePoolIsShutDown() throws Exception {
        var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .maxQueued(1)
                .blockWhenFull()
                .build();
        pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
        await().until(() -> pool.statistics().busy() == 1);
        pool.submit(() -> 1);
        CompletableFuture<CompletableFuture<Integer>> blocked = submitWhileFull(pool);
        pool.shutdownNow();
        assertThatThrownBy(() -> get(blocked)).hasCauseInstanceOf(RejectedExecutionException.class);
        pool.close();
    }

    @Test
    void aHigherPriorityGoesFirst(@TempDir Path folder) throws Exception {
        String go = folder.resolve("go").toString();
        try (var pool = ProcessPoolExecutor.create(1)) {
            List<String> order = java.util.Collections.synchronizedList(new ArrayList<>());
            submitBlocker(pool, go);
            List<CompletableFuture<?>> calls = new ArrayList<>();
            calls.add(pool.submit(CallOptions.DEFAULT.priority(Integer.MIN_VALUE), () -> "low")
                    .thenAccept(order::add));
            calls.add(pool.submit(() -> "first").thenAccept(order::add));
            calls.add(pool.submit(() -> "second").thenAccept(order::add));
            calls.add(pool.submit(CallOptions.DEFAULT.priority(5), () -> "high").thenAccept(order::add));
            createFile(go);
            for (CompletableFuture<?> call : calls) {
                get(call);
            }
            assertThat(order).containsExactly("high", "first", "second", "low");
        }
    }

    @Test
    void aCallMayBeRetriedWhenItsWorkerCrashes(@TempDir Path folder) throws Exception {
        String marker = folder.resolve("tried").toString();
        try (var pool = ProcessPoolExecutor.create(1)) {
            assertThat(get(pool.submit(CallOptions.DEFAULT.retryOnCrash(1), () -> {
                        if (new java.io.File(marker).createNewFile()) {
                            Runtime.getRuntime().halt(9);
                        }
                        return "second try";
                    })))
                    .isEqualTo("second try");
            assertThatThrownBy(() -> get(pool.submit(CallOptions.DEFAULT.retryOnCrash(2), () -> {
                        Runtime.getRuntime().halt(9);
                        return 1;
                    })))
                    .hasCauseInstanceOf(WorkerCrashedException.class);
            assertThat(pool.statistics().ended()).containsEntry(WorkerEnd.CRASHED, 4L);
        }
    }

    @Test
    void badOptionsAreRefusedByName() {
        var builder = ProcessPoolExecutor.builder();
        assertThatThrownBy(() -> builder.maxWorkers(0)).hasMessageContaining("maxWorkers");
        assertThatThrownBy(() -> builder.maxTasksPerWorker(0)).hasMessageContaining("maxTasksPerWorker");
        assertThatThrownBy(() -> builder.maxRss(0)).hasMessageContaining("maxRss");
        assertThatThrownBy(() -> builder.maxRssGrowth(0)).hasMessageContaining("maxRssGrowth");
        assertThatThrownBy(() -> builder.heartbeatTimeout(Duration.ofMillis(999)))
                .hasMessageContaining("heartbeatTimeout");
        assertThatThrownBy(() -> builder.niceness(20)).hasMessageContaining("niceness");
        assertThatThrownBy(() -> builder.idleTimeout(Duration.ZERO)).hasMessageContaining("idleTimeout");
        assertThatThrownBy(() -> builder.cancelGrace(Duration.ofSeconds(-1))).hasMessageContaining("cancelGrace");
        assertThatThrownBy(() -> builder.maxQueued(0)).hasMessageContaining("maxQueued");
        assertThatThrownBy(() -> ProcessPoolExecutor.builder().blockWhenFull().build())
                .hasMessageContaining("maxQueued");
        Object notSerializable = new Object();
        assertThatThrownBy(() -> builder.initializer(() -> notSerializable.hashCode()))
                .isInstanceOf(NotTransferableException.class);
        assertThatThrownBy(() -> CallOptions.DEFAULT.timeout(Duration.ZERO)).hasMessageContaining("timeout");
        assertThatThrownBy(() -> CallOptions.DEFAULT.retryOnCrash(-1)).hasMessageContaining("retries");
    }
}
