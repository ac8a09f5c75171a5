package dev.offloop.examples.intro;

import static dev.offloop.Async.await;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.toThread;

import java.time.Duration;
import java.util.List;

/** {@code toThread}: one blocking call, then two at the same time. */
final class BlockingCalls {

    private BlockingCalls() {}

    static String blockingSyncFunction(int seconds) throws InterruptedException {
        Thread.sleep(Duration.ofSeconds(seconds)); // the blocking call
        return "Operation completed after " + seconds + " seconds";
    }

    static void main() throws Exception {
        run(() -> {
            String result = await(toThread(() -> blockingSyncFunction(2)));
            IO.println(result); // after 2 s

            List<String> results = await(gather(
                    toThread(() -> blockingSyncFunction(3)), //
                    toThread(() -> blockingSyncFunction(1))));
            IO.println(results); // after 3 s in all, in the order asked for
        });
    }
}
