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
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One run of one coroutine, and what went wrong in it.
 *
 * <p>The loop reports to {@link #note}, on its own side, what nobody awaits; the first such fault cancels the coroutine, since the
 * test has failed. {@link Watch} adds the time-out. When the loop has closed, and so can report nothing more, {@link #verdict}
 * decides what is thrown.
 */
final class Trial {

    /** In real time: so long nothing that is known has woken the loop. */
    private static final Duration STANDSTILL = Duration.ofSeconds(2);

    /** For a task that will not be cancelled; on virtual time it costs nothing. */
    private static final Duration CLOSE = Duration.ofSeconds(1);

    /** In which a task that was cancelled, or has nothing more to wait for, is expected to end. */
    private static final int TURNS = 20;

    private final Duration timeout;
    private final Queue<AssertionError> faults = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Task<?> main;

    Trial(Duration timeout) {
        this.timeout = timeout;
    }

    @SuppressWarnings("NullAway") // the result of a T is a T
    <T extends @Nullable Object> T run(Runner.Builder builder, Coroutine<T> body) throws Exception {
        builder.exceptionHandler((_, context) -> note(context))
                .reportStandstill(STANDSTILL)
                .closeTimeout(CLOSE);
        T result = null;
        Throwable thrown = null;
        try (var runner = builder.build();
                var watch = Watch.over(this, runner.loop(), timeout)) {
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
        verdict(thrown);
        return result;
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
            main.cancel("The test has failed: " + message);
        }
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
        boolean own = thrown != null && (faults.isEmpty() || !isCancellation(thrown));
        Throwable failure = own ? thrown : faults.poll();
        if (failure == null) {
            return;
        }
        faults.forEach(failure::addSuppressed);
        if (failure instanceof Exception e) {
            throw e;
        }
        throw (Error) failure;
    }

    private static boolean isCancellation(Throwable thrown) {
        return thrown instanceof CancelledError || thrown instanceof InterruptedException;
    }
}
