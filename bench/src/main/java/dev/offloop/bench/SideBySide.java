package dev.offloop.bench;

import dev.offloop.Coroutine;
import dev.offloop.Runner;
import dev.offloop.process.ProcessPoolExecutor;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The same work as {@code side_by_side.py}, printed the same way: a line for each, with a name and the median of some
 * rounds in microseconds per operation. {@code bench/side-by-side} runs both and makes the table.
 */
final class SideBySide {

    private static final int ROUNDS = 7;
    private static final byte[] LARGE = new byte[64 << 20];
    private static final long WARM_UP_NANOS = 4_000_000_000L;

    private SideBySide() {}

    private interface Part {
        void run() throws Exception;
    }

    static void main(String[] args) throws Exception {
        boolean roundTripsOnly = args.length > 0 && args[0].equals("round-trips");
        measure("park/unpark ping-pong", 2_000, () -> pingPong(2_000));
        try (Runner runner = Runner.create();
                ProcessPoolExecutor pool = ProcessPoolExecutor.create(2)) {
            if (!roundTripsOnly) {
                inLoop(runner, "one switch", 200_000, () -> Work.switches(200_000));
                inLoop(runner, "spawn + await", 50_000, () -> Work.spawns(50_000));
                var plain = new ReentrantLock();
                measure("ReentrantLock lock + unlock", 1_000_000, () -> Work.locksAndUnlocks(plain, 1_000_000));
                inLoop(runner, "Lock acquire + release", 1_000_000, () -> Work.acquiresAndReleases(1_000_000));
                inLoop(runner, "queue, thread to task", 100_000, () -> Work.fromThreadToTask(100_000));
                inLoop(runner, "gather of 100 k tasks, each", 100_000, () -> {
                    var _ = Work.gatherTasks(100_000);
                });
            }
            inLoop(runner, "toThread round trip", 2_000, () -> Work.threadRoundTrips(2_000));
            if (!roundTripsOnly) {
                inLoop(runner, "toThread 20 k at once, each", 20_000, () -> {
                    var _ = Work.threadsAtOnce(20_000);
                });
            }
            inLoop(runner, "process round trip", 1_000, () -> Work.processRoundTrips(pool, 1_000));
            if (!roundTripsOnly) {
                inLoop(runner, "process 10 k at once, each", 10_000, () -> {
                    var _ = Work.processesAtOnce(pool, 10_000);
                });
                inLoop(runner, "64 MiB there and back", 1, () -> {
                    var _ = Work.largeThereAndBack(pool, LARGE);
                });
                inLoop(runner, "new pool to its first result", 1, Work::firstResult);
            }
        }
    }

    private static void inLoop(Runner runner, String name, int count, Coroutine.Action work) throws Exception {
        measure(name, count, () -> runner.run(work));
    }

    /** Warms up first: the compiler works beside the first rounds, and on one core in their place. */
    private static void measure(String name, int count, Part part) throws Exception {
        long warm = System.nanoTime() + WARM_UP_NANOS;
        while (System.nanoTime() < warm) {
            part.run();
        }
        double[] micros = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            part.run();
            micros[round] = (System.nanoTime() - start) / 1000.0 / count;
        }
        Arrays.sort(micros);
        System.out.printf(Locale.ROOT, "%s\t%.3f%n", name, micros[ROUNDS / 2]);
    }

    /** What two threads that wake each other cost on this machine today: the floor of every round trip. */
    private static void pingPong(int count) throws InterruptedException {
        var ball = new Ball();
        Thread other = Thread.ofPlatform().daemon().start(() -> ball.play(1, count));
        ball.players = new Thread[] {Thread.currentThread(), other};
        ball.turn = 0;
        ball.play(0, count);
        other.join();
    }

    private static final class Ball {
        private Thread[] players = {};
        private volatile int turn = -1;

        void play(int me, int count) {
            for (int i = 0; i < count; i++) {
                while (turn != me) {
                    LockSupport.park(this);
                }
                turn = 1 - me;
                LockSupport.unpark(players[1 - me]);
            }
        }
    }
}
