package dev.offloop.bench;

import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;

import dev.offloop.EventLoop;
import dev.offloop.process.ProcessPoolExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How late a tick of one millisecond is on a loop beside busy jobs: on threads, and in processes of two priorities. */
final class Tick {

    private static final int JOBS = 8;
    private static final int TICKS = 4_000;

    private Tick() {}

    public static void main(String[] args) throws Exception {
        report("idle", lateness());
        try (ExecutorService threads = Executors.newFixedThreadPool(JOBS)) {
            List<Future<?>> jobs = new ArrayList<>();
            for (int i = 0; i < JOBS; i++) {
                jobs.add(threads.submit(Tick::burn));
            }
            report("8 threads", lateness());
            jobs.forEach(job -> job.cancel(true));
        }
        for (int niceness : new int[] {0, 10, 19}) {
            try (ProcessPoolExecutor processes = ProcessPoolExecutor.builder()
                    .maxWorkers(JOBS)
                    .niceness(niceness)
                    .build()) {
                processes.warmUp().get();
                List<Future<?>> jobs = new ArrayList<>();
                for (int i = 0; i < JOBS; i++) {
                    jobs.add(processes.submit(() -> burn()));
                }
                Thread.sleep(500);
                report("8 processes, niceness " + niceness, lateness());
                jobs.forEach(job -> job.cancel(true));
            }
        }
    }

    private static void burn() {
        long x = 1;
        while (!Thread.currentThread().isInterrupted()) {
            for (int i = 0; i < 100_000; i++) {
                x = x * 31 + i;
            }
        }
        if (x == 0) {
            throw new AssertionError();
        }
    }

    /** In microseconds, sorted. */
    private static long[] lateness() throws Exception {
        return run(() -> {
            EventLoop loop = EventLoop.current();
            long[] late = new long[TICKS];
            for (int i = 0; i < TICKS; i++) {
                Duration due = loop.time().plusMillis(1);
                sleep(Duration.ofMillis(1));
                late[i] = loop.time().minus(due).toNanos() / 1_000;
            }
            Arrays.sort(late);
            return late;
        });
    }

    private static void report(String name, long[] sorted) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f |%n",
                name,
                sorted[TICKS / 2] / 1000.0,
                sorted[TICKS * 99 / 100] / 1000.0,
                sorted[TICKS * 999 / 1000] / 1000.0);
    }
}
