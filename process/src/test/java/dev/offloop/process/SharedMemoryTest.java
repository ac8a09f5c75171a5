package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.get;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.offloop.ContextVar;
import dev.offloop.Offload;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.ObjectInputFilter;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that functions in workers see without a copy. */
class SharedMemoryTest {

    private static final Path IN_MEMORY = Path.of("/dev/shm");
    private static final VarHandle LONGS = JAVA_LONG.varHandle();
    private static final long MEBI = 1 << 20;

    /** So much that it shows among what other programs have. */
    private static final long LARGE = 64 * MEBI;

    private static final ProcessPoolExecutor POOL = ProcessPoolExecutor.create(2);
    private static final ProcessPoolExecutor ONE = ProcessPoolExecutor.create(1);

    private static final ContextVar<SharedMemory> VARIABLE = ContextVar.remote("memory");

    /** In a worker: what a call has left behind for the next one. */
    private static volatile SharedMemory leftBehind;

    private static volatile MemorySegment segmentLeftBehind;

    private static volatile Pipe pipe;
    private static volatile Thread writer;

    @BeforeAll
    static void needsMemoryInFiles() {
        assumeTrue(Files.isWritable(IN_MEMORY));
    }

    @AfterAll
    static void closeThePools() {
        POOL.close();
        ONE.close();
    }

    private static Throwable failureOf(CompletableFuture<?> call) {
        return catchThrowable(() -> get(call)).getCause();
    }

    private static long sum(MemorySegment segment) {
        long sum = 0;
        for (long at = 0; at < segment.byteSize(); at++) {
            sum += segment.get(JAVA_BYTE, at);
        }
        return sum;
    }

    /** How much memory all files in memory have. */
    private static long used() {
        var folder = IN_MEMORY.toFile();
        return folder.getTotalSpace() - folder.getUsableSpace();
    }

    private static List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(IN_MEMORY)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("offloop-"))
                    .toList();
        }
    }

    /** How often a process has shared memory mapped. */
    private static long mappings() throws IOException {
        return mappingsOf(Calls.pid());
    }

    private static long mappingsOf(long pid) throws IOException {
        try (Stream<String> maps = Files.lines(Path.of("/proc/" + pid + "/maps"))) {
            return maps.filter(line -> line.contains(IN_MEMORY + "/offloop-")).count();
        }
    }

    private static long openFiles() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    // ---- what a function sees

    @Test
    void aFunctionSeesWhatIsWrittenWhileItRunsSoItHasNoCopy() throws Exception {
        try (var memory = SharedMemory.allocate(JAVA_LONG.byteSize())) {
            var heard = new CompletableFuture<Object>();
            var call = POOL.submit(CallOptions.DEFAULT.onProgress(heard::complete), () -> {
                Offload.progress("running");
                while ((long) LONGS.getVolatile(memory.segment(), 0L) == 0) {
                    Offload.checkCancelled();
                    Thread.onSpinWait();
                }
                return (long) LONGS.getVolatile(memory.segment(), 0L);
            });
            get(heard);
            LONGS.setVolatile(memory.segment(), 0L, 42L);
            assertThat(get(call)).isEqualTo(42);
        }
    }

    @Test
    void aFunctionCanOnlyReadUnlessItIsSentWritableMemory() throws Exception {
        try (var memory = SharedMemory.copyOf(new byte[] {1, 2, 3})) {
            assertThat(failureOf(POOL.submit(() -> memory.segment().set(JAVA_BYTE, 0, (byte) 9))))
                    .hasMessageContaining("read-only");
            assertThat(failureOf(POOL.submit(() -> memory.writable().segment())))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has to send writable()");
            assertThat(sum(memory.segment())).isEqualTo(6);

            SharedMemory writable = memory.writable();
            get(POOL.submit(() -> writable.segment().set(JAVA_BYTE, 0, (byte) 9)));
            assertThat(sum(memory.segment())).isEqualTo(14);
        }
    }

    @Test
    void functionsOnSlicesWorkAtTheSameTime() throws Exception {
        int parts = 8;
        try (var memory = SharedMemory.allocate(parts * MEBI)) {
            SharedMemory writable = memory.writable();
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            for (int part = 0; part < parts; part++) {
                byte value = (byte) (part + 1);
                long from = part * MEBI;
                calls.add(POOL.submit(() -> {
                    writable.segment().asSlice(from, MEBI).fill(value);
                }));
            }
            for (CompletableFuture<Void> call : calls) {
                get(call);
            }
            assertThat(sum(memory.segment())).isEqualTo(36 * MEBI);
        }
    }

    @Test
    void aFunctionThatRefersToMemoryTwiceHasItMappedOnce() throws Exception {
        try (var memory = SharedMemory.copyOf(new byte[] {1})) {
            List<SharedMemory> again = List.of(memory, memory);
            assertThat(get(POOL.submit(() -> {
                        again.getFirst().segment().get(JAVA_BYTE, 0);
                        memory.segment().get(JAVA_BYTE, 0);
                        return mappings();
                    })))
                    .isEqualTo(1);
        }
    }

    @Test
    void aContextVariableBringsMemoryToo() throws Exception {
        try (var memory = SharedMemory.copyOf(new byte[] {1, 2})) {
            ContextVar.Token<SharedMemory> token = VARIABLE.set(memory);
            try {
                assertThat(get(POOL.submit(() -> sum(VARIABLE.get().segment()))))
                        .isEqualTo(3);
            } finally {
                VARIABLE.reset(token);
            }
        }
    }

    @Test
    void theFunctionOfAStreamHasItUntilItsEnd() throws Exception {
        try (var memory = SharedMemory.copyOf(new byte[] {1, 2, 3});
                RemoteStream<Byte> stream = POOL.stream(out -> {
                    for (long at = 0; at < memory.byteSize(); at++) {
                        out.emit(memory.segment().get(JAVA_BYTE, at));
                    }
                })) {
            assertThat(stream).containsExactly((byte) 1, (byte) 2, (byte) 3);
        }
    }

    @Test
    void memoryOfMoreThanTwoGibibytesCanBeAddressed() throws Exception {
        long size = (1L << 31) + 4096;
        assumeTrue(IN_MEMORY.toFile().getUsableSpace() > 2 * size && available() > 2 * size);
        try (var memory = SharedMemory.allocate(size)) {
            SharedMemory writable = memory.writable();
            get(ONE.submit(() -> writable.segment().set(JAVA_BYTE, size - 1, (byte) 7)));
            assertThat(memory.segment().get(JAVA_BYTE, size - 1)).isEqualTo((byte) 7);
        }
    }

    private static long available() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        }
    }

    @Test
    void aCodecIsNotAskedForIt() throws Exception {
        try (var memory = SharedMemory.copyOf(new byte[] {1, 2});
                var pool = ProcessPoolExecutor.builder()
                        .maxWorkers(1)
                        .codec(Greedy.class)
                        .build()) {
            assertThat(get(pool.submit(() -> sum(memory.segment())))).isEqualTo(3);
            assertThat(sum(get(pool.submit(() -> memory)).segment())).isEqualTo(3);
        }
    }

    /** Accepts all, and can write nothing. */
    public static final class Greedy implements Codec {
        @Override
        public void write(Object value, OutputStream out) throws IOException {
            throw new IOException("was asked to write " + value);
        }

        @Override
        public Object read(InputStream in) {
            return "";
        }
    }

    @Test
    void filtersLetItThrough() throws Exception {
        try (var memory = SharedMemory.copyOf(new byte[] {1, 2});
                var pool = ProcessPoolExecutor.builder()
                        .maxWorkers(1)
                        .functionFilter("dev.offloop.process.SharedMemoryTest*;java.base/*;!*")
                        .resultFilter(ObjectInputFilter.Config.createFilter("java.base/*;!*"))
                        .build()) {
            assertThat(get(pool.submit(() -> (int) sum(memory.segment()) + ""))).isEqualTo("3");
            assertThat(sum(get(pool.submit(() -> memory)).segment())).isEqualTo(3);
        }
    }

    // ---- results, and calls of calls

    @Test
    void memoryThatAFunctionReturnsIsTheSameToBeRead() throws Exception {
        try (var memory = SharedMemory.copyOf(new byte[] {1, 2})) {
            SharedMemory back = get(POOL.submit(() -> memory));
            memory.segment().set(JAVA_BYTE, 0, (byte) 5);
            assertThat(sum(back.segment())).isEqualTo(7);
            assertThat(back.segment().isReadOnly()).isTrue();
            back.close();
            assertThatThrownBy(back::segment).isInstanceOf(IllegalStateException.class);
            assertThat(sum(memory.segment())).isEqualTo(7);
        }
    }

    @Test
    void memoryThatAWorkerHasAllocatedCannotBeReturned() {
        assertThat(failureOf(POOL.submit(() -> SharedMemory.allocate(1))))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("send it as writable(), and fill it in the worker");
    }

    @Test
    void aWorkerCanSendItToWorkersOfItsOwnAndGetItBack() throws Exception {
        try (var memory = SharedMemory.copyOf(new byte[] {1, 2})) {
            assertThat(get(ONE.submit(() -> {
                        try (var inner = ProcessPoolExecutor.create(1)) {
                            return get(inner.submit(() -> sum(memory.segment())))
                                    + sum(get(inner.submit(() -> memory)).segment());
                        }
                    })))
                    .isEqualTo(6);
        }
    }

    // ---- the end of it

    @Test
    void noFolderHasAFileOfItWhileItIsOpenNorAfterIt() throws Exception {
        List<String> before = names();
        try (var memory = SharedMemory.allocate(10)) {
            get(POOL.submit(() -> sum(memory.segment())));
            assertThat(names()).isEqualTo(before);
        }
        assertThat(names()).isEqualTo(before);
    }

    @Test
    void memoryThatIsClosedThrowsWhenItIsUsed() {
        var memory = SharedMemory.allocate(10);
        MemorySegment segment = memory.segment();
        memory.close();
        memory.close();
        assertThatThrownBy(() -> segment.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(memory::segment)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
        assertThat(failureOf(POOL.submit(() -> sum(memory.segment()))))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("is closed");
        assertThat(memory.byteSize()).isEqualTo(10);
    }

    @Test
    void aFunctionThatRunsKeepsTheMemoryAndOneThatWaitsLosesIt(@TempDir Path folder) throws Exception {
        String file = folder.resolve("go").toString();
        long before = used();
        CompletableFuture<Long> runs;
        CompletableFuture<Long> waits;
        try (var memory = SharedMemory.allocate(LARGE)) {
            memory.segment().set(JAVA_BYTE, 0, (byte) 3);
            var heard = new CompletableFuture<Object>();
            runs = ONE.submit(CallOptions.DEFAULT.onProgress(heard::complete), () -> {
                Offload.progress("running");
                Calls.awaitFile(file);
                return sum(memory.segment().asSlice(0, 10));
            });
            get(heard);
            waits = ONE.submit(() -> sum(memory.segment()));
        }
        assertThat(used() - before).isGreaterThan(LARGE / 2);
        Calls.createFile(file);
        assertThat(get(runs)).isEqualTo(3);
        assertThat(failureOf(waits))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("closed before this call began");
        await().until(() -> used() - before < LARGE / 2);
    }

    @Test
    void callsThatFollowEachOtherHaveItMappedOnce() throws Exception {
        try (var memory = SharedMemory.allocate(10)) {
            long address = get(ONE.submit(() -> memory.segment().address()));
            assertThat(get(ONE.submit(() -> memory.segment().address()))).isEqualTo(address);
            assertThat(get(ONE.submit(SharedMemoryTest::mappings))).isZero();
        }
    }

    @Test
    void aWorkerThatIsIdleUnmapsWhatItsOwnerCloses() throws Exception {
        long worker;
        try (var memory = SharedMemory.allocate(10)) {
            worker = get(ONE.submit(() -> {
                memory.segment().get(JAVA_BYTE, 0);
                return Calls.pid();
            }));
            assertThat(mappingsOf(worker)).isEqualTo(1);
        }
        await().until(() -> mappingsOf(worker) == 0);
    }

    @Test
    void itDoesNotCountAsMemoryOfTheWorker() throws Exception {
        long size = 512 * MEBI;
        try (var memory = SharedMemory.allocate(size);
                var pool = ProcessPoolExecutor.builder()
                        .maxWorkers(1)
                        .maxRss(400 * MEBI)
                        .build()) {
            for (int i = 0; i < 3; i++) {
                get(pool.submit(() -> {
                    for (long at = 0; at < size; at += 4096) {
                        memory.segment().get(JAVA_BYTE, at);
                    }
                }));
            }
            assertThat(pool.statistics().started()).isEqualTo(1);
        }
    }

    @Test
    void whatACallLeavesBehindThrowsInTheNextOne() throws Exception {
        try (var memory = SharedMemory.allocate(10)) {
            get(ONE.submit(() -> {
                leftBehind = memory;
                segmentLeftBehind = memory.segment();
            }));
            assertThat(failureOf(ONE.submit(() -> leftBehind.segment())))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("for the calls that it was sent with only");
            assertThat(failureOf(ONE.submit(() -> segmentLeftBehind.get(JAVA_BYTE, 0))))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(get(ONE.submit(SharedMemoryTest::mappings))).isZero();
        }
    }

    @Test
    void whatAThreadStillReadsIsUnmappedWhenItHasDoneSo() throws Exception {
        long mappings = mappings();
        try (var memory = SharedMemory.allocate(2 * MEBI)) {
            get(ONE.submit(() -> startToWrite(memory.segment())));
            assertThat(get(ONE.submit(SharedMemoryTest::mappings))).isEqualTo(1);
            get(ONE.submit(SharedMemoryTest::readAll)); // unmaps it at its end
            assertThat(get(ONE.submit(SharedMemoryTest::mappings))).isZero();

            startToWrite(memory.segment());
            assertThatThrownBy(memory::close).isInstanceOf(IllegalStateException.class);
            assertThat(memory.segment().get(JAVA_BYTE, 0)).isZero();
            readAll();
        }
        assertThat(mappings()).isLessThanOrEqualTo(mappings); // the garbage collector may have closed others
    }

    /** Writes more than a pipe takes, on another thread. */
    private static void startToWrite(MemorySegment segment) throws Exception {
        pipe = Pipe.open();
        writer = Thread.ofPlatform().daemon().start(() -> {
            try (var sink = pipe.sink()) {
                sink.write(segment.asByteBuffer());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        await().until(() -> Stream.of(writer.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("write0")));
    }

    private static void readAll() throws Exception {
        try (InputStream in = Channels.newInputStream(pipe.source())) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        writer.join();
    }

    @Test
    void whatAnInitializerWasSentStaysMapped() throws Exception {
        try (var memory = SharedMemory.copyOf(new byte[] {1, 2});
                var pool = ProcessPoolExecutor.builder()
                        .maxWorkers(1)
                        .initializer(() -> leftBehind = memory)
                        .build()) {
            for (int i = 0; i < 2; i++) {
                assertThat(get(pool.submit(() -> sum(leftBehind.segment())))).isEqualTo(3);
                assertThat(get(pool.submit(() -> sum(memory.segment())))).isEqualTo(3);
            }
        }
    }

    @Test
    void manyCallsLeaveNeitherMappingsNorFilesInAWorker() throws Exception {
        long mappingsHere = mappings();
        long filesHere = openFiles();
        long files = get(ONE.submit(SharedMemoryTest::openFiles));
        for (int i = 0; i < 100; i++) {
            try (var one = SharedMemory.allocate(10);
                    var other = SharedMemory.allocate(10)) {
                SharedMemory writable = other.writable();
                get(ONE.submit(() -> {
                    writable.segment().copyFrom(one.segment());
                }));
            }
        }
        assertThat(get(ONE.submit(SharedMemoryTest::openFiles))).isLessThan(files + 10);
        assertThat(get(ONE.submit(SharedMemoryTest::mappings))).isZero();
        assertThat(openFiles()).isLessThan(filesHere + 10);
        assertThat(mappings()).isLessThanOrEqualTo(mappingsHere); // the garbage collector may have closed others
    }

    @Test
    void forgottenMemoryIsFreedByTheGarbageCollector() {
        long before = used();
        forget();
        await().until(() -> {
            System.gc();
            return used() - before < LARGE / 2;
        });
    }

    private static void forget() {
        long before = used();
        SharedMemory.allocate(LARGE);
        assertThat(used() - before).isGreaterThan(LARGE / 2);
    }

    @Test
    void aCallThatWaitsKeepsItsMemoryFromBeingForgotten(@TempDir Path folder) throws Exception {
        String file = folder.resolve("go").toString();
        CompletableFuture<Void> blocker = Calls.submitBlocker(ONE, file);
        CompletableFuture<Long> call = submitAndForget();
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(20); // for the thread that would close it
        }
        Calls.createFile(file);
        get(blocker);
        assertThat(get(call)).isEqualTo(3);
    }

    private static CompletableFuture<Long> submitAndForget() {
        SharedMemory memory = SharedMemory.copyOf(new byte[] {1, 2});
        return ONE.submit(() -> sum(memory.segment()));
    }

    @Test
    void aWorkerThatIsKilledTakesNothingWithIt() throws Exception {
        long before = used();
        try (var memory = SharedMemory.allocate(LARGE)) {
            SharedMemory writable = memory.writable();
            assertThat(failureOf(POOL.submit(() -> {
                        writable.segment().set(JAVA_BYTE, 0, (byte) 8);
                        Calls.signal(Calls.pid(), "KILL");
                        Thread.sleep(Duration.ofHours(1));
                    })))
                    .isInstanceOf(WorkerCrashedException.class);
            assertThat(memory.segment().get(JAVA_BYTE, 0)).isEqualTo((byte) 8);
            assertThat(get(POOL.submit(() -> sum(memory.segment())))).isEqualTo(8);
        }
        await().until(() -> used() - before < LARGE / 2);
    }

    /** Prints the process id of its worker when that has memory mapped, and waits. */
    static final class Owner {
        public static void main(String[] args) throws Exception {
            var memory = SharedMemory.allocate(LARGE);
            var pool = ProcessPoolExecutor.builder()
                    .maxWorkers(1)
                    .aotCache(null)
                    .output(WorkerOutput.discarded())
                    .build();
            pool.submit(CallOptions.DEFAULT.onProgress(IO::println), () -> {
                        memory.segment().get(JAVA_BYTE, 0);
                        Offload.progress(Calls.pid());
                        Thread.sleep(Duration.ofHours(1));
                    })
                    .get();
        }
    }

    @Test
    void anOwnerThatIsKilledLeavesNothing() throws Exception {
        long before = used();
        Process owner = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long worker;
        try (var out = new BufferedReader(new InputStreamReader(owner.getInputStream()))) {
            worker = Long.parseLong(out.readLine());
            assertThat(used() - before).isGreaterThan(LARGE / 2);
        } finally {
            owner.destroyForcibly();
        }
        await().until(() -> !Calls.isAlive(worker));
        await().until(() -> used() - before < LARGE / 2);
        assertThat(names()).isEmpty();
    }

    // ---- what cannot be done

    @Test
    void memoryHasASize() {
        for (long size : new long[] {0, -1}) {
            assertThatThrownBy(() -> SharedMemory.allocate(size))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Shared memory has at least 1 byte, not " + size);
        }
        assertThatThrownBy(() -> SharedMemory.copyOf(new byte[0])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void moreMemoryThanThereIsIsAnErrorWithTheFigures() throws Exception {
        List<String> before = names();
        long room = IN_MEMORY.toFile().getTotalSpace();
        for (long size : new long[] {room + 1, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> SharedMemory.allocate(size))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("Shared memory of " + size / MEBI + " MiB")
                    .hasMessageContaining("of " + room / MEBI + " MiB left")
                    .hasMessageContaining("offloop.sharedMemory");
        }
        assertThat(names()).isEqualTo(before);
    }

    @Test
    void anInterruptedThreadCanAllocate() {
        Thread.currentThread().interrupt();
        try (var memory = SharedMemory.allocate(3 * MEBI)) {
            assertThat(sum(memory.segment())).isZero();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aWorkerInASandboxSaysThatItCannotReachIt() throws Exception {
        assumeTrue(works("bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "true"));
        try (var memory = SharedMemory.allocate(1);
                var pool = ProcessPoolExecutor.builder()
                        .maxWorkers(1)
                        .sandbox(Sandbox.readOnly())
                        .build()) {
            assertThat(failureOf(pool.submit(() -> sum(memory.segment()))))
                    .isInstanceOf(NotTransferableException.class)
                    .hasMessageContaining("it is in a Sandbox");
        }
    }

    @Test
    void aWorkerThatSeesOtherProcessIdsSaysThatItCannotReachIt() throws Exception {
        String[] prefix = {"unshare", "--pid", "--fork", "--kill-child", "--mount-proc"};
        assumeTrue(works("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "true"));
        try (var memory = SharedMemory.allocate(1);
                var pool = ProcessPoolExecutor.builder()
                        .maxWorkers(1)
                        .commandPrefix(prefix)
                        .build()) {
            assertThat(failureOf(pool.submit(() -> sum(memory.segment()))))
                    .isInstanceOf(NotTransferableException.class)
                    .hasMessageContaining("sees other process ids");
        }
    }

    private static boolean works(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }
}
