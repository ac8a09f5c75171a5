package dev.offloop.monitor;

import static dev.offloop.Async.sleep;

import dev.offloop.Runner;
import dev.offloop.internal.monitor.Pauses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs short steps while something else takes the processor away, and writes what is reported. */
final class BusyProgram {

    private static final int SECONDS = 2;
    private static final int OBJECTS = 4_000_000;

    private BusyProgram() {}

    public static void main(String[] args) throws Exception {
        long work = workFor(25);
        switch (args[0]) {
            case "gc" -> Thread.ofPlatform().daemon().start(BusyProgram::collect);
            case "others" -> startOthers();
            case "nothing" -> {} // the test does it
            default -> Files.writeString(Path.of(args[0], "cgroup.procs"), "0"); // the control group to move into
        }
        try (var runner = Runner.builder()
                .onSlowStep(step -> System.out.println("REPORT " + step.message()))
                .build()) {
            runner.run(() -> {
                System.out.println("ready");
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
                while (System.nanoTime() < end) {
                    compute(work);
                    sleep(Duration.ofMillis(1));
                }
            });
        }
        System.out.println("paused for " + Pauses.ofJvm().nanos() / 1_000_000 + " ms");
    }

    /** Returns the amount of work that takes a time while the processor is free. */
    private static long workFor(int millis) {
        long best = 0;
        for (int i = 0; i < 20; i++) {
            long begin = System.nanoTime();
            compute(1_000_000);
            best = Math.max(best, 1_000_000L * 1_000_000 * millis / Math.max(1, System.nanoTime() - begin));
        }
        return best;
    }

    private static void compute(long work) {
        for (long i = 0; i < work; i++) {
            Thread.onSpinWait();
        }
    }

    /** Other processes that use up both processors, and end by themselves. */
    private static void startOthers() throws IOException {
        for (int i = 0; i < 6 * Runtime.getRuntime().availableProcessors(); i++) {
            new ProcessBuilder("timeout", Integer.toString(SECONDS), "sh", "-c", "while :; do :; done").start();
        }
    }

    /** Keeps so much alive that a full collection takes long. */
    private static void collect() {
        List<Object> alive = new ArrayList<>();
        for (int i = 0; i < OBJECTS; i++) {
            alive.add(new int[] {i});
        }
        while (!alive.isEmpty()) {
            System.gc();
        }
    }
}
