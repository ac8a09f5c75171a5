package dev.offloop.examples.intro;

import static dev.offloop.Async.await;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;

import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.process.ProcessPoolExecutor;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** {@code runInExecutor}: the default executor, a pool of one's own, worker processes. */
final class ChoosingAnExecutor {

    private ChoosingAnExecutor() {}

    static int cpuIntensiveCalculation(int n) throws InterruptedException {
        Thread.sleep(1000); // simulates work
        return n * n;
    }

    static void main() throws Exception {
        run(() -> {
            EventLoop loop = EventLoop.current();

            // 1. the default executor
            IO.println(
                    "Default executor result: " + await(loop.runInExecutor(null, () -> cpuIntensiveCalculation(30))));

            // 2. a custom pool of limited size; any java.util.concurrent.Executor will do
            try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
                List<Future<Integer>> tasks = IntStream.range(0, 5)
                        .mapToObj(i -> loop.runInExecutor(pool, () -> cpuIntensiveCalculation(i)))
                        .toList();
                IO.println("Custom pool results: " + await(gather(tasks)));
            }

            // 3. worker processes
            try (ProcessPoolExecutor processes = ProcessPoolExecutor.create()) {
                IO.println("Process pool result: "
                        + await(loop.runInExecutor(processes, () -> cpuIntensiveCalculation(50))));
            }
        });
    }
}
