package dev.offloop.testkit;

import static dev.offloop.Async.yieldNow;

import dev.offloop.CancelledError;
import dev.offloop.Coroutine;
import dev.offloop.ErrorContext;
import dev.offloop.EventLoop;
import dev.offloop.Runner;
import dev.offloop.Task;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One run of one coroutine, and what went wrong in it.
 *
 * <p>The loop reports to {@link #note}, on its own side, what is not awaited; the first such fault cancels the
 * coroutine, since the test has failed. {@link Watch} adds the timeout. When the loop has closed, and so can report
 * nothing more, {@link #verdict} decides what is thrown.
 */
final class Trial {

    /** For a task that will not be cancelled; on virtual time it costs nothing. */
    private static final Duration CLOSE = Duration.ofSeconds(1);

    /** How long the test waits for a loop to close that a call blocks. After it the loop closes in the background. */
    private static final Duration CLOSE_BLOCKED = Duration.ofMillis(500);

    /**
     * Of the coroutine's; in a shuffled order others may get fewer. In them a task that was cancelled, or has nothing
     * more to wait for, is expected to end.
     */
    private static final int TURNS = 1_000;

    private final Duration timeout;
    private final @Nullable Duration standstill;
    private final Queue<AssertionError> faults = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Task<?> main;
    private volatile @Nullable String cancellation;
    private volatile boolean left;

    Trial(Duration timeout, @Nullable Duration standstill) {
        this.timeout = timeout;
        this.standstill = standstill;
    }

    @SuppressWarnings("NullAway") // the result of a T is a T
    <T extends @Nullable Object> T run(Runner.Builder builder, Coroutine<T> body) throws Exception {
        builder.exceptionHandler((_, context) -> note(context)).closeTimeout(CLOSE);
        if (standstill != null) {
            builder.reportStandstill(standstill);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException("The thread was interrupted before the test could start");
        }
        T result = null;
        Throwable thrown = null;
        Runner runner = builder.build();
        var watch = Watch.over(this, runner.loop(), timeout);
        try (watch) {
            result = runner.run(() -> {
                main = Task.current();
                watch.begin();
                T value = body.run();
                noteLeftovers();
                return value;
            });
        } catch (Throwable t) {
            thrown = t;
        }
        close(runner, watch.foundBlocked());
        verdict(thrown);
        return result;
    }

    /** A blocked loop closes when the call that blocks it ends, which may be never. */
    private static void close(Runner runner, boolean blocked) throws InterruptedException {
        if (blocked) {
            boolean _ = Thread.ofPlatform()
                    .daemon()
                    .name("offloop-test-close")
                    .start(runner::close)
                    .join(CLOSE_BLOCKED);
        } else {
            runner.close();
        }
    }

    private void note(ErrorContext context) {
        fault(context.message(), context.exception());
    }

    /** On the loop's side, or when it has none any more. */
    void fault(String message, @Nullable Throwable cause) {
        Task<?> main = this.main;
        boolean first = faults.isEmpty();
        faults.add(new AssertionError(message, cause));
        if (first && main != null) {
            cancellation = "The test has failed: " + message;
            main.cancel(cancellation);
        }
    }

    /** The wait for the coroutine is broken off. */
    void leave() {
        left = true;
    }

    private void noteLeftovers() {
        EventLoop loop = EventLoop.current();
        for (int i = 0; i < TURNS && loop.allTasks().size() > 1; i++) {
            yieldNow();
        }
        List<Task<?>> left =
                loop.allTasks().stream().filter(task -> task != main).toList();
        if (!left.isEmpty()) {
            faults.add(new AssertionError("The test has left " + left.size()
                    + (left.size() == 1 ? " task" : " tasks") + " behind; await it, or cancel it:\n"
                    + left.stream().map(Trial::where).collect(Collectors.joining("\n"))));
        }
    }

    private static String where(Task<?> task) {
        List<StackTraceElement> stack = task.stack();
        return "task " + task.name() + (stack.isEmpty() ? " has not begun" : " awaits at " + stack.getFirst());
    }

    private void verdict(@Nullable Throwable thrown) throws Exception {
        // A coroutine that was cancelled because of a fault has nothing to say of its own.
        boolean own = thrown != null && (faults.isEmpty() || !isOurCancellation(thrown));
        Throwable failure = own ? thrown : faults.poll();
        if (failure == null) {
            return;
        }
        faults.forEach(failure::addSuppressed);
        if (failure instanceof Exception e) {
            throw e;
        }
        throw failure instanceof Error error ? error : new AssertionError(failure);
    }

    private boolean isOurCancellation(Throwable thrown) {
        return (thrown instanceof CancelledError && Objects.equals(thrown.getMessage(), cancellation))
                || (thrown instanceof InterruptedException && left);
    }
}
