package dev.offloop.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.Offload;
import dev.offloop.RemoteCallable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** What many tests do with calls, and with the processes that run them. */
final class Calls {

    private static final long HANG_GUARD_SECONDS = 50;

    /** Longer than any test runs: a worker that is killed after this grace was not killed by it. */
    private static final Duration LONG_GRACE = Duration.ofHours(1);

    private Calls() {}

    /** The result of a call. */
    static <T> T get(CompletableFuture<T> call) throws Exception {
        return call.get(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
    }

    /** Waits for a condition, as long as a result is waited for. */
    static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(HANG_GUARD_SECONDS));
    }

    /** Of the process that runs this. */
    static long pid() {
        return ProcessHandle.current().pid();
    }

    /** A pool that gives cancelled calls all the time they need: its workers stay alive only if the functions end. */
    static ProcessPoolExecutor patientPool(int maxWorkers) {
        return ProcessPoolExecutor.builder()
                .maxWorkers(maxWorkers)
                .cancelGrace(LONG_GRACE)
                .build();
    }

    /** Submits an action and waits until it has said something, by {@code Offload.progress}. */
    static CompletableFuture<Void> submitAndHear(ProcessPoolExecutor pool, RemoteCallable.Action action)
            throws InterruptedException {
        return submitAndHear(pool, CallOptions.DEFAULT, action);
    }

    /** The same with options, whose listener is replaced. */
    static CompletableFuture<Void> submitAndHear(
            ProcessPoolExecutor pool, CallOptions options, RemoteCallable.Action action) throws InterruptedException {
        var heard = new CountDownLatch(1);
        CompletableFuture<Void> call = pool.submit(options.onProgress(_ -> heard.countDown()), action);
        assertThat(heard.await(HANG_GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        return call;
    }

    // ---- calls that end when a file exists

    /** Submits a call that runs until a file exists, and waits until it runs. */
    static CompletableFuture<Void> submitBlocker(ProcessPoolExecutor pool, String file) throws InterruptedException {
        return submitAndHear(pool, () -> {
            Offload.progress("running");
            awaitFile(file);
        });
    }

    /** Waits until a file exists; in a worker as here. */
    static void awaitFile(String file) throws InterruptedException {
        while (!Files.exists(Path.of(file))) {
            Thread.sleep(5);
        }
    }

    static void createFile(String file) throws IOException {
        Files.createFile(Path.of(file));
    }

    // ---- processes

    static void signal(long pid, String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Stops a process, and waits until none of its threads runs any more. */
    static void stop(long pid) throws Exception {
        signal(pid, "STOP");
        await().pollInterval(Duration.ofMillis(5))
                .ignoreExceptionsInstanceOf(IOException.class) // a thread that ends
                .until(() -> isStopped(pid));
    }

    private static boolean isStopped(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                String stat = Files.readString(thread.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
            return true;
        }
    }

    /** Whether a process of this user still runs. */
    static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    /** The worker processes of this one. There may be others: a process that makes an AOT cache. */
    static Stream<ProcessHandle> workers() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().commandLine().orElse("").contains("WorkerMain"));
    }

    /** In a worker: whether its main thread waits for a call. */
    static boolean waitsForACall(Thread main) {
        return Stream.of(main.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("nextFrame"));
    }
}
