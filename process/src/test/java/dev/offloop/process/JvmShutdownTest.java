package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool while its JVM shuts down: other shutdown hooks may still need it. */
class JvmShutdownTest {

    @TempDir
    Path folder;

    /** Finishes its calls in a shutdown hook, as a server does that drains its requests. */
    static final class Draining {
        public static void main(String[] args) throws Exception {
            String end = args[0];
            ProcessPoolExecutor pool = ProcessPoolExecutor.create(2);
            var begun = new CountDownLatch(1);
            CompletableFuture<String> running =
                    pool.submit(CallOptions.DEFAULT.onProgress(_ -> begun.countDown()), () -> {
                        dev.offloop.Offload.progress("begun");
                        Calls.awaitFile(end);
                        return "ended";
                    });
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    Thread.sleep(500); // the hook of the pool runs meanwhile
                    Calls.createFile(end);
                    System.out.println("running: " + running.get(20, TimeUnit.SECONDS));
                    System.out.println("new: " + pool.submit(() -> "taken").get(20, TimeUnit.SECONDS));
                    System.out.println("crashed: " + pool.statistics().ended().getOrDefault(WorkerEnd.CRASHED, 0L));
                    pool.close();
                    System.out.println("ended: " + pool.statistics().ended());
                } catch (Exception e) {
                    e.printStackTrace(System.out);
                }
            }));
            begun.await();
            System.out.println("ready");
            if (args.length > 1) {
                System.exit(0);
            }
            Thread.sleep(60_000);
        }
    }

    /** Has a hook that waits for a call which never ends. */
    static final class Endless {
        public static void main(String[] args) throws Exception {
            ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                    .maxWorkers(1)
                    .jvmShutdownTimeout(Duration.ofMillis(500))
                    .build();
            var begun = new CountDownLatch(1);
            CompletableFuture<Void> endless =
                    pool.submit(CallOptions.DEFAULT.onProgress(_ -> begun.countDown()), () -> {
                        dev.offloop.Offload.progress("begun");
                        Thread.sleep(600_000);
                    });
            begun.await();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    endless.get(30, TimeUnit.SECONDS);
                } catch (Exception e) {
                    System.out.println("endless: " + e.getClass().getSimpleName());
                }
            }));
            System.exit(0);
        }
    }

    /** Ends while a call runs that no hook waits for. */
    static final class Abandoning {
        public static void main(String[] args) throws Exception {
            ProcessPoolExecutor pool = ProcessPoolExecutor.create(1);
            var begun = new CountDownLatch(1);
            CompletableFuture<Void> _ = pool.submit(CallOptions.DEFAULT.onProgress(_ -> begun.countDown()), () -> {
                dev.offloop.Offload.progress("begun");
                Thread.sleep(600_000);
            });
            begun.await();
            pool.statistics().each().forEach(worker -> System.out.println("worker " + worker.pid()));
            System.exit(0);
        }
    }

    private Process start(Class<?> program, String... arguments) throws Exception {
        Path tmp = Files.createDirectories(folder.resolve("tmp"));
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + tmp,
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
    }

    private String outputOf(Process program) throws Exception {
        boolean ended = program.waitFor(50, TimeUnit.SECONDS);
        program.destroyForcibly();
        String output = Files.readString(folder.resolve("output"));
        assertThat(ended).describedAs(output).isTrue();
        return output;
    }

    @Test
    void callsThatRunAndNewOnesAreServedForOtherHooks() throws Exception {
        assertThat(outputOf(start(Draining.class, folder.resolve("end").toString(), "exit")))
                .contains("running: ended", "new: taken", "crashed: 0")
                .doesNotContain("Exception");
        assertThat(folder.resolve("tmp")).isEmptyDirectory();
    }

    @Test
    void aProgramThatIsTerminatedMayFinishItsCalls() throws Exception {
        Process program = start(Draining.class, folder.resolve("end").toString());
        await().until(() -> Files.readString(folder.resolve("output")).contains("ready"));
        program.destroy(); // SIGTERM
        assertThat(outputOf(program))
                .contains("running: ended", "new: taken", "crashed: 0")
                .doesNotContain("Exception");
    }

    @Test
    void aCallThatDoesNotEndIsCancelledWhenTheTimeoutIsOver() throws Exception {
        assertThat(outputOf(start(Endless.class))).contains("endless: CancellationException");
    }

    @Test
    void theEndOfTheJvmDoesNotWaitForCallsThatNoHookNeeds() throws Exception {
        String output = outputOf(start(Abandoning.class));
        long worker = Long.parseLong(output.replaceAll("(?s).*worker (\\d+).*", "$1"));
        await().until(() -> ProcessHandle.of(worker).isEmpty());
        await().untilAsserted(() -> assertThat(folder.resolve("tmp")).isEmptyDirectory());
    }
}
