package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits that hold while a function runs. Each costs the call that exceeds it, and no other. */
class LimitsTest {

    private static final long MEBI = 1 << 20;

    private static Throwable failureOf(CompletableFuture<?> call) {
        return catchThrowable(() -> get(call)).getCause();
    }

    // ---- memory

    private static void fillNativeMemory(long bytes) {
        MemorySegment memory = Arena.global().allocate(bytes);
        for (long at = 0; at < bytes; at += MEBI) {
            memory.asSlice(at, MEBI).fill((byte) 1);
        }
    }

    @Test
    void aFunctionWithTooMuchNativeMemoryIsKilledWhileItRunsAndBothFiguresAreTold() throws Exception {
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).memoryLimit("160m").build()) {
            Throwable failure = failureOf(pool.submit(() -> {
                fillNativeMemory(400 * MEBI);
                Thread.sleep(Duration.ofHours(1));
            }));
            assertThat(failure)
                    .isInstanceOf(WorkerOutOfMemoryException.class)
                    .hasMessageContaining("160 MiB (see Builder.memoryLimit)");
            var exceeded = (WorkerOutOfMemoryException) failure;
            assertThat(exceeded.memoryLimit()).hasValue(160 * MEBI);
            assertThat(exceeded.memory().orElseThrow()).isGreaterThan(150 * MEBI);
            assertThat(exceeded.killedByKernel()).isFalse();
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
            assertThat(pool.statistics().ended()).containsEntry(WorkerEnd.OUT_OF_MEMORY, 1L);
        }
    }

    @Test
    void theHeapGetsHalfOfTheMemoryAndFilesThatAreMappedTakeNone(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("large");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.truncate(0).position(300 * MEBI).write(java.nio.ByteBuffer.allocate(1));
        }
        String large = file.toString();
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).memoryLimit("256m").build()) {
            assertThat(get(pool.submit(() -> Runtime.getRuntime().maxMemory()))).isBetween(100 * MEBI, 128 * MEBI);
            assertThat(get(pool.submit(() -> sum(large)))).isZero();
        }
    }

    /** Has all pages of a file in memory for a while. */
    private static long sum(String file) throws Exception {
        try (FileChannel channel = FileChannel.open(Path.of(file))) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.global());
            long sum = 0;
            for (long at = 0; at < mapped.byteSize(); at += 4096) {
                sum += mapped.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at);
            }
            Thread.sleep(120); // some looks of the watch
            return sum;
        }
    }

    @Test
    void aMemoryLimitThatMakesNoSenseIsRejectedWithWhatToDo() {
        ProcessPoolExecutor.Builder builder = ProcessPoolExecutor.builder();
        assertThatThrownBy(() -> builder.memoryLimit("much"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("256m or 2g");
        assertThatThrownBy(() -> builder.memoryLimit("10m"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 64m");
        assertThatThrownBy(() -> builder.memoryLimit("99999999999999999t"))
                .isInstanceOf(IllegalArgumentException.class);
        builder.memoryLimit("256m").maxHeap("1g");
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("smaller maxHeap");
    }

    // ---- processor time

    @SuppressWarnings("InfiniteLoopStatement")
    private static void spin() {
        long i = 0;
        while (true) {
            i++;
        }
    }

    @Test
    void aFunctionThatHasUsedUpItsProcessorTimeIsCancelledAndOneThatWaitsIsNot() throws Exception {
        CallOptions limited = CallOptions.DEFAULT.cpuTime(Duration.ofMillis(500));
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .cancelGrace(Duration.ZERO)
                .build()) {
            get(pool.submit(() -> 1));
            assertThat(get(pool.submit(limited, () -> {
                        Thread.sleep(1000);
                        return 1;
                    })))
                    .isEqualTo(1);
            var exceeded = catchThrowableOfType(
                    CallTimeoutException.class, () -> throwCause(pool.submit(limited, LimitsTest::spin)));
            assertThat(exceeded).hasMessageContaining("processor time").hasMessageContaining("may use 500 ms");
            assertThat(exceeded.isProcessorTime()).isTrue();
            assertThat(get(pool.submit(limited, () -> 2))).isEqualTo(2);
        }
    }

    private static void throwCause(CompletableFuture<?> call) throws Throwable {
        throw failureOf(call);
    }

    @Test
    void processorTimeHasToBeMoreThanZero() {
        assertThatThrownBy(() -> CallOptions.DEFAULT.cpuTime(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("processor time");
    }

    // ---- files

    private static String openAll() throws IOException {
        List<InputStream> all = new ArrayList<>();
        try {
            while (all.size() < 1000) {
                all.add(new FileInputStream("/dev/null"));
            }
            return "opened all";
        } catch (IOException e) {
            return e.getMessage();
        } finally {
            for (InputStream each : all) {
                each.close();
            }
        }
    }

    @Test
    void tooManyFilesAndTooLargeOnesAreErrorsOfTheFunctionAndItsWorkerGoesOn(@TempDir Path folder) throws Exception {
        assumeTrue(isInstalled("prlimit"), "prlimit is not installed");
        String file = folder.resolve("large").toString();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .openFiles(100)
                .fileSize("1m")
                .build()) {
            long pid = get(pool.submit(() -> pid()));
            assertThat(get(pool.submit(LimitsTest::openAll))).contains("Too many open files");
            assertThat(failureOf(pool.submit(() -> Files.write(Path.of(file), new byte[2 << 20]))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("File too large");
            assertThat(Files.size(Path.of(file))).isEqualTo(MEBI);
            assertThat(get(pool.submit(() -> pid()))).isEqualTo(pid);
        }
        assertThatThrownBy(() -> ProcessPoolExecutor.builder().openFiles(3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 64");
    }

    @Test
    void aSystemWithoutBubblewrapSaysWhatToInstall() {
        assumeFalse(isInstalled("bwrap"), "bwrap is installed: SandboxTest has more");
        ProcessPoolExecutor.Builder builder = ProcessPoolExecutor.builder().sandbox(Sandbox.readOnly());
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("install bubblewrap");
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
