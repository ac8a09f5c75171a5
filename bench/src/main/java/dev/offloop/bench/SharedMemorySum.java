package dev.offloop.bench;

import dev.offloop.process.ProcessPoolExecutor;
import dev.offloop.process.SharedMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Sums 1 GiB of shared memory in parts, each in a worker, and compares that with one part in one process: where workers
 * have the memory mapped from calls before, and where they have not. Each line is the median of five rounds, in which
 * the lines take turns; the ratios are to one part in this process, and in one worker. Then what it costs to allocate
 * memory, and to send it along with a call.
 */
final class SharedMemorySum {

    private static final long SIZE = 1L << 30;
    private static final int WARM_UP_ROUNDS = 10;
    private static final int ROUNDS = 5;
    private static final int WORKERS = 4;
    private static final int SHORT_CALLS = 500;

    private SharedMemorySum() {}

    private interface Part {
        void run() throws Exception;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Line(String name, Part part, double[] millis) {
        Line(String name, Part part) {
            this(name, part, new double[ROUNDS]);
        }

        double median() {
            double[] sorted = millis.clone();
            Arrays.sort(sorted);
            return sorted[ROUNDS / 2];
        }
    }

    static void main() throws Exception {
        long start = System.nanoTime();
        try (SharedMemory memory = SharedMemory.allocate(SIZE);
                ProcessPoolExecutor pool = ProcessPoolExecutor.create(WORKERS)) {
            System.out.printf(Locale.ROOT, "allocate 1 GiB: %.0f ms%n", (System.nanoTime() - start) / 1e6);
            start = System.nanoTime();
            fill(memory.segment());
            System.out.printf(Locale.ROOT, "fill it: %.0f ms%n", (System.nanoTime() - start) / 1e6);
            pool.warmUp().get();
            for (boolean mapped : new boolean[] {true, false}) {
                System.out.println(mapped ? "mapped before:" : "mapped by each call:");
                for (int parts : new int[] {4, 2}) {
                    compare(memory, pool, parts, mapped);
                }
            }
            shortCalls(pool);
        }
    }

    private static void fill(MemorySegment segment) {
        for (long at = 0; at < SIZE; at += Long.BYTES) {
            segment.set(ValueLayout.JAVA_LONG, at, at);
        }
    }

    private static void compare(SharedMemory memory, ProcessPoolExecutor pool, int parts, boolean mapped)
            throws Exception {
        long size = SIZE / parts;
        List<Line> lines = new ArrayList<>();
        lines.add(new Line(
                "1/" + parts + " in this process",
                () -> check(sum(memory.segment().asSlice(0, size)), 0, size)));
        for (int workers = 1; workers <= parts; workers *= 2) {
            int count = workers;
            lines.add(new Line(
                    count + "/" + parts + " in " + count + " worker" + (count == 1 ? "" : "s"),
                    () -> sumInWorkers(memory, pool, size, count)));
        }
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            for (Line line : lines) {
                if (!mapped) {
                    unmap(pool);
                }
                long start = System.nanoTime();
                line.part.run();
                if (round >= 0) {
                    line.millis[round] = (System.nanoTime() - start) / 1e6;
                }
            }
        }
        double here = lines.get(0).median();
        double worker = lines.get(1).median();
        for (Line line : lines) {
            System.out.printf(
                    Locale.ROOT,
                    "%-22s %7.1f ms  %.2f × this process, %.2f × a worker%n",
                    line.name,
                    line.median(),
                    line.median() / here,
                    line.median() / worker);
        }
    }

    private static void sumInWorkers(SharedMemory memory, ProcessPoolExecutor pool, long size, int workers)
            throws Exception {
        List<CompletableFuture<Long>> sums = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            long from = i * size;
            sums.add(pool.submit(() -> sum(memory.segment().asSlice(from, size))));
        }
        for (int i = 0; i < workers; i++) {
            check(sums.get(i).get(), i * size, size);
        }
    }

    /** A call that has no shared memory, for each worker. */
    private static void unmap(ProcessPoolExecutor pool) throws Exception {
        List<CompletableFuture<Long>> calls = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            calls.add(pool.submit(() -> {
                Thread.sleep(50);
                return ProcessHandle.current().pid();
            }));
        }
        Set<Long> workers = new HashSet<>();
        for (CompletableFuture<Long> call : calls) {
            workers.add(call.get());
        }
        if (workers.size() < WORKERS) {
            throw new AssertionError("only " + workers);
        }
    }

    private static long sum(MemorySegment segment) {
        long sum = 0;
        for (long at = 0; at < segment.byteSize(); at += Long.BYTES) {
            sum += segment.get(ValueLayout.JAVA_LONG, at);
        }
        return sum;
    }

    private static void check(long sum, long from, long size) {
        long count = size / Long.BYTES;
        long expected = count * from + count * (count - 1) / 2 * Long.BYTES;
        if (sum != expected) {
            throw new AssertionError(sum + " instead of " + expected);
        }
    }

    private static void shortCalls(ProcessPoolExecutor pool) throws Exception {
        try (SharedMemory small = SharedMemory.allocate(4096)) {
            double with = 0;
            double without = 0;
            for (int round = 0; round < ROUNDS; round++) { // the last round counts
                long start = System.nanoTime();
                for (int i = 0; i < SHORT_CALLS; i++) {
                    pool.submit(() -> small.segment().get(ValueLayout.JAVA_LONG, 0))
                            .get();
                }
                long between = System.nanoTime();
                for (int i = 0; i < SHORT_CALLS; i++) {
                    int value = i;
                    pool.submit(() -> (long) value).get();
                }
                with = (between - start) / 1e3 / SHORT_CALLS;
                without = (System.nanoTime() - between) / 1e3 / SHORT_CALLS;
            }
            System.out.printf(
                    Locale.ROOT, "a call with 4 KiB of shared memory: %.0f µs, one without: %.0f µs%n", with, without);
        }
    }
}
