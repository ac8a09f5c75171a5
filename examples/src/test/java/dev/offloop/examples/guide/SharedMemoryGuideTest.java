package dev.offloop.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.offloop.process.*;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The snippets of {@code docs/guide/shared-memory.md}, run. */
@SuppressWarnings("unused")
class SharedMemoryGuideTest {

    private static final List<Object> PRINTED = Collections.synchronizedList(new ArrayList<>());

    private static void println(Object line) {
        PRINTED.add(line);
    }

    @BeforeEach
    void needsMemoryInFiles() {
        assumeThat(Path.of("/dev/shm")).isWritable();
        PRINTED.clear();
    }

    static long sum(MemorySegment numbers) {
        long sum = 0;
        for (long at = 0; at < numbers.byteSize(); at += Long.BYTES) {
            sum += numbers.get(ValueLayout.JAVA_LONG, at);
        }
        return sum;
    }

    static void scale(MemorySegment numbers) {
        for (long at = 0; at < numbers.byteSize(); at += Long.BYTES) {
            numbers.set(ValueLayout.JAVA_LONG, at, 10 * numbers.get(ValueLayout.JAVA_LONG, at));
        }
    }

    @Test
    void read(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("numbers"), new byte[8 << 10]);
        // snippet: shared-memory-read
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(4);
                FileChannel in = FileChannel.open(file);
                SharedMemory memory = SharedMemory.allocate(in.size())) {
            ByteBuffer room = memory.segment().asByteBuffer();
            while (room.hasRemaining()) {
                in.read(room); // a gibibyte, say
            }
            long quarter = memory.byteSize() / 4;
            List<Future<Long>> sums = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                long from = i * quarter;
                sums.add(pool.submit(() -> sum(memory.segment().asSlice(from, quarter)))); // sends a handle
            }
            for (Future<Long> sum : sums) {
                println(sum.get());
            }
        }
        // end
        assertThat(PRINTED).containsExactly(0L, 0L, 0L, 0L);
    }

    @Test
    void write() throws Exception {
        // snippet: shared-memory-write
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(2);
                SharedMemory memory = SharedMemory.allocate(2 * 8)) {
            MemorySegment numbers = memory.segment();
            numbers.setAtIndex(ValueLayout.JAVA_LONG, 0, 4);
            numbers.setAtIndex(ValueLayout.JAVA_LONG, 1, 2);

            SharedMemory writable = memory.writable(); // the same memory
            CompletableFuture<Void> first =
                    pool.submit(() -> scale(writable.segment().asSlice(0, 8)));
            CompletableFuture<Void> second =
                    pool.submit(() -> scale(writable.segment().asSlice(8, 8)));
            CompletableFuture.allOf(first, second).get();
            println(numbers.getAtIndex(ValueLayout.JAVA_LONG, 0) + numbers.getAtIndex(ValueLayout.JAVA_LONG, 1));
        }
        // end
        assertThat(PRINTED).containsExactly(60L);
    }
}
