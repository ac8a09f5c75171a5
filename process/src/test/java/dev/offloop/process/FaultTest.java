package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Faults that end in the right exception, and a pool that goes on working. */
class FaultTest {

    private static Throwable failureOf(CompletableFuture<?> call) {
        return catchThrowable(() -> get(call)).getCause();
    }

    @SuppressWarnings("restricted") // to crash is what it is for
    private static void lengthOfNull() throws Throwable {
        Linker linker = Linker.nativeLinker();
        var strlen = linker.downcallHandle(
                linker.defaultLookup().find("strlen").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
        System.out.println(strlen.invoke(MemorySegment.NULL));
    }

    @Test
    void aNativeCrashNamesTheSignalAndShowsTheCrashReport() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .jvmArguments("--enable-native-access=ALL-UNNAMED")
                .commandPrefix("sh", "-c", "ulimit -c 0; exec \"$@\"", "sh")
                .output(WorkerOutput.discarded())
                .build()) {
            Throwable crash = failureOf(pool.submit(() -> {
                try {
                    lengthOfNull();
                } catch (Throwable t) {
                    throw new IllegalStateException(t);
                }
            }));
            assertThat(crash)
                    .isInstanceOf(WorkerCrashedException.class)
                    .hasMessageContaining("SIGABRT")
                    .hasMessageContaining("SIGSEGV")
                    .hasMessageContaining("Problematic frame");
            assertThat(((WorkerCrashedException) crash).signal()).contains("SIGABRT");
            Matcher report = Pattern.compile("crash report is (\\S+):").matcher(crash.getMessage());
            assertThat(report.find()).isTrue();
            assertThat(Path.of(report.group(1))).exists();
            Files.delete(Path.of(report.group(1)));
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
    }

    private static final class HaltsWhenRead implements Serializable {
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            Runtime.getRuntime().halt(5);
        }
    }

    @Test
    void anArgumentThatCrashesTheWorkerWhenItIsReadFailsItsCallOnly() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            var argument = new HaltsWhenRead();
            assertThat(failureOf(pool.submit(() -> argument.hashCode()))).isInstanceOf(WorkerCrashedException.class);
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
    }

    @Test
    void aFullHeapIsToldFromACrash() throws Exception {
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).maxHeap("32m").build()) {
            Throwable full = failureOf(pool.submit(() -> {
                var all = new ArrayList<byte[]>();
                while (true) {
                    all.add(new byte[1024 * 1024]);
                }
            }));
            assertThat(full).isInstanceOf(WorkerOutOfMemoryException.class).hasMessageContaining("maxHeap");
            assertThat(((WorkerOutOfMemoryException) full).killedByKernel()).isFalse();
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
    }

    @Test
    void exitCodeThreeAloneIsNoFullHeap() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            Throwable halted = failureOf(pool.submit(() -> Runtime.getRuntime().halt(3)));
            assertThat(halted).isExactlyInstanceOf(WorkerCrashedException.class).hasMessageContaining("exit code 3");
        }
    }

    /** Needs the right to make a memory cgroup, as in most containers of tests. */
    @Test
    void theKernelsKillerIsToldFromAnyOtherKill() throws Exception {
        Path group = memoryGroup(100L << 20);
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .commandPrefix("sh", "-c", "echo $$ > " + group + "/cgroup.procs; exec \"$@\"", "sh")
                .build()) {
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
            Throwable killed = failureOf(pool.submit(() -> {
                MemorySegment memory = Arena.global().allocate(200L << 20);
                memory.fill((byte) 1);
            }));
            assertThat(killed).isInstanceOf(WorkerOutOfMemoryException.class).hasMessageContaining("kernel");
            assertThat(((WorkerOutOfMemoryException) killed).killedByKernel()).isTrue();
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        } finally {
            await().ignoreExceptions().untilAsserted(() -> Files.delete(group));
        }
    }

    private static Path memoryGroup(long bytes) {
        Path first = Path.of("/sys/fs/cgroup/memory");
        boolean v1 = Files.isDirectory(first);
        Path group = (v1 ? first : Path.of("/sys/fs/cgroup")).resolve("offloop-test-" + pid());
        try {
            Files.createDirectory(group);
            Files.writeString(
                    group.resolve(v1 ? "memory.limit_in_bytes" : "memory.max"),
                    Long.toString(bytes),
                    StandardOpenOption.WRITE);
            return group;
        } catch (IOException e) {
            return abort("no memory cgroup can be made here: " + e);
        }
    }

    @Test
    void aClassThatTheWorkerDoesNotHaveIsNamed() throws Exception {
        String withoutTests = Pattern.compile(":")
                .splitAsStream(System.getProperty("java.class.path"))
                .filter(entry -> !entry.endsWith("test-classes"))
                .reduce((a, b) -> a + ":" + b)
                .orElseThrow();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .classPath(withoutTests)
                .build()) {
            assertThat(failureOf(pool.submit(() -> 1)))
                    .isInstanceOf(NotTransferableException.class)
                    .hasMessageContaining("FaultTest");
        }
    }

    @Test
    void anotherJavaThatIsNotThereFailsTheCallsAndNamesIt() {
        try (var pool = ProcessPoolExecutor.builder()
                .java(Path.of("/nowhere/bin/java"))
                .niceness(0)
                .build()) {
            assertThat(failureOf(pool.submit(() -> 1)))
                    .isInstanceOf(WorkerStartException.class)
                    .hasMessageContaining("/nowhere/bin/java");
        }
    }

    @Test
    void aJavaThatDoesNotUnderstandItsArgumentsIsQuoted() {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .jvmArguments("-XX:+ThereIsNoSuchFlag")
                .output(WorkerOutput.discarded())
                .build()) {
            assertThat(failureOf(pool.submit(() -> 1)))
                    .isInstanceOf(WorkerStartException.class)
                    .hasMessageContaining("Unrecognized VM option");
        }
    }

    @Test
    void aTempFolderThatCannotBeWrittenFailsTheCalls(@TempDir Path folder) throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + folder.resolve("missing"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        NoTempFolder.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(child.getInputStream().readAllBytes());
        assertThat(child.waitFor(40, TimeUnit.SECONDS)).isTrue();
        assertThat(output).contains("WorkerStartException", "missing");
    }

    /** A program whose pool has no place for its socket. */
    static final class NoTempFolder {
        public static void main(String[] args) throws Exception {
            try (var pool = ProcessPoolExecutor.create(1)) {
                System.out.println(failureOf(pool.submit(() -> 1)));
            }
        }
    }

    @Test
    void aHundredThousandCallsThatWaitEndWhenThePoolIsClosed() throws Exception {
        var pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .closeTimeout(Duration.ZERO)
                .build();
        get(pool.warmUp());
        pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
        pool.submit(() -> Thread.sleep(Duration.ofHours(1)));
        List<CompletableFuture<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            calls.add(pool.submit(() -> 1));
        }
        pool.close();
        assertThat(pool.isTerminated()).isTrue();
        assertThat(calls).allMatch(CompletableFuture::isCancelled);
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void aCallThatRacesWithCloseEndsOneWayOrTheOther() throws Exception {
        for (int round = 0; round < 10; round++) {
            var pool = ProcessPoolExecutor.builder()
                    .maxWorkers(1)
                    .closeTimeout(Duration.ofHours(1)) // however many calls there are
                    .build();
            get(pool.submit(() -> 1));
            var calls = new ConcurrentLinkedQueue<CompletableFuture<Integer>>();
            Thread submitter = Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        calls.add(pool.submit(() -> 7));
                    }
                } catch (RejectedExecutionException closed) {
                    // that is the end
                }
            });
            Thread.sleep(round);
            if (round % 2 == 0) {
                pool.close();
            } else {
                pool.shutdownNow();
                pool.close();
            }
            submitter.join();
            for (CompletableFuture<Integer> call : calls) {
                try {
                    assertThat(get(call)).isEqualTo(7);
                } catch (CancellationException e) {
                    assertThat(round % 2).as("only shutdownNow drops calls").isOne();
                } catch (ExecutionException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    @Test
    void aWorkersPidIsItsOwn() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            long pid = get(pool.submit(() -> ProcessHandle.current().pid()));
            assertThatThrownBy(() -> get(pool.submit(() -> System.exit(4))))
                    .cause()
                    .hasMessageContaining("process " + pid + " ")
                    .hasMessageContaining("exit code 4");
        }
    }
}
