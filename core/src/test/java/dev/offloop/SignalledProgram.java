package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A program whose main task waits for a signal, or ends the JVM itself. The first argument says how. */
final class SignalledProgram {

    private static final Duration LONG = Duration.ofHours(1);

    private SignalledProgram() {}

    public static void main(String[] args) throws Exception {
        boolean cancelOnShutdown = !args[0].equals("optedOut");
        try (var runner = Runner.builder()
                .closeTimeout(Duration.ofSeconds(args[0].startsWith("endless") ? 1 : 60))
                .cancelOnShutdown(cancelOnShutdown)
                .build()) {
            runner.run(() -> body(args[0]));
        } catch (CancelledError cancelled) {
            if (args[0].equals("caught")) {
                IO.println("caught");
                System.exit(7);
            }
            throw cancelled;
        }
    }

    @SuppressWarnings("finally") // an endless one is what is tested
    private static void body(String how) throws Exception {
        createTask("child", () -> sleepThen("child's finally"));
        yieldNow();
        switch (how) {
            case "exitInTask" -> System.exit(5);
            case "exitInFunction" -> await(toThread(() -> System.exit(6)));
            case "exitInFinally" -> {
                IO.println("ready");
                try {
                    sleepThen("finally");
                } finally {
                    System.exit(8);
                }
            }
            case "endless" -> {
                IO.println("ready");
                while (true) {
                    try {
                        sleep(LONG);
                    } catch (CancelledError ignored) {
                        // on purpose
                    }
                }
            }
            case "endlessBlocking" -> {
                try {
                    IO.println("ready");
                    sleep(LONG);
                } finally {
                    while (true) {
                        LockSupport.park();
                    }
                }
            }
            default -> {
                IO.println("ready");
                sleepThen("finally");
            }
        }
    }

    private static void sleepThen(String message) {
        try {
            sleep(LONG);
        } finally {
            sleep(Duration.ofMillis(50));
            IO.println(message);
        }
    }
}
