package dev.offloop.bench;

import dev.offloop.process.ProcessPoolExecutor;
import dev.offloop.process.WorkerOutput;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * How long the first call after a crash takes, without and with a spare worker: from when the crash was told until the
 * next result.
 */
final class Replacement {

    private static final int ROUNDS = 11;

    private Replacement() {}

    static void main(String[] args) throws Exception {
        for (int spare = 0; spare <= 1; spare++) {
            try (ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                    .maxWorkers(1)
                    .spareWorkers(spare)
                    .output(WorkerOutput.discarded())
                    .build()) {
                pool.warmUp().get();
                double[] millis = new double[ROUNDS];
                for (int round = 0; round < ROUNDS; round++) {
                    while (pool.statistics().idle() <= spare) { // the pool is at rest, and the spare one is ready
                        int _ = pool.submit(() -> 1).get();
                        Thread.sleep(20);
                    }
                    millis[round] = afterCrash(pool);
                }
                Arrays.sort(millis);
                System.out.printf(
                        Locale.ROOT,
                        "%d spare: median %.2f ms, %.2f to %.2f%n",
                        spare,
                        millis[ROUNDS / 2],
                        millis[0],
                        millis[ROUNDS - 1]);
            }
        }
    }

    private static double afterCrash(ProcessPoolExecutor pool) throws Exception {
        CompletableFuture<Object> crash = pool.submit(() -> {
            Runtime.getRuntime().halt(1);
            return null;
        });
        try {
            crash.get();
        } catch (ExecutionException told) {
            long begin = System.nanoTime();
            int _ = pool.submit(() -> 1).get();
            return (System.nanoTime() - begin) / 1e6;
        }
        throw new IllegalStateException("The worker did not crash");
    }
}
