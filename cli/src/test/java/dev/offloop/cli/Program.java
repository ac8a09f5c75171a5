package dev.offloop.cli;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;

import dev.offloop.EventLoop;
import dev.offloop.process.ProcessPoolExecutor;
import java.time.Duration;

/**
 * The program that the tests look at: tasks that sleep, wait for a thread and for a worker; or a loop that is blocked.
 */
final class Program {

    private Program() {}

    static void readSlowly() throws InterruptedException {
        Thread.sleep(Duration.ofMinutes(5));
    }

    public static void main(String[] args) throws Exception {
        boolean blocks = args.length > 0;
        try (var processes = ProcessPoolExecutor.create(1)) {
            run(() -> {
                var thread = createTask("on-a-thread", () -> await(toThread(() -> readSlowly())));
                var process = createTask(
                        "in-a-process", () -> await(EventLoop.current().runInExecutor(processes, () -> readSlowly())));
                var ticker = createTask("ticker", () -> {
                    while (true) {
                        sleep(Duration.ofMillis(20));
                    }
                });
                sleep(Duration.ofMillis(500));
                IO.println("ready");
                if (blocks) {
                    readSlowly();
                }
                await(gather(thread, process, ticker));
            });
        }
    }
}
