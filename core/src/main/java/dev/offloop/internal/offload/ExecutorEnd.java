package dev.offloop.internal.offload;

import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.Errors;
import dev.offloop.internal.util.Nanos;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** The end of a default executor, ours or the user's, in bounded time. */
final class ExecutorEnd {

    /** How long an interrupted function may take to notice. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private ExecutorEnd() {}

    /**
     * Blocks until the executor has ended or been given up, and then says what would not stop.
     *
     * @param idle whether the loop has no tasks, which could wake functions that wait
     */
    static void await(Executor executor, Duration timeout, boolean idle) {
        try {
            switch (executor) {
                case ThreadPool pool -> name(pool.shutdown(timeout, GRACE, idle));
                case ExecutorService service -> shutdown(service, timeout);
                default -> {
                    // a plain Executor has no end of its own
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            ErrorLog.error(Errors.of("The default executor could not be shut down: " + executor, e));
        }
    }

    private static void shutdown(ExecutorService service, Duration timeout) throws InterruptedException {
        service.shutdown();
        if (!service.awaitTermination(Nanos.of(timeout), TimeUnit.NANOSECONDS)) {
            service.shutdownNow();
            if (!service.awaitTermination(GRACE.toNanos(), TimeUnit.NANOSECONDS)) {
                name(List.of(service.toString()));
            }
        }
    }

    private static void name(List<String> stuck) {
        if (!stuck.isEmpty()) {
            ErrorLog.warn("The default executor was shut down, but these are still running: "
                    + String.join("; ", stuck)
                    + ". They run on daemon threads and end with the JVM at the latest");
        }
    }
}
