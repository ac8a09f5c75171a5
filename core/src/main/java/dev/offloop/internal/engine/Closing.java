package dev.offloop.internal.engine;

import dev.offloop.Outcome;
import dev.offloop.internal.util.Errors;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last turns of a loop, on its side: cancels the tasks, round by round as some may start others, until there are
 * none or the time has expired, then ends the executor, then the loop.
 */
public final class Closing {

    /** How long each of its two parts may take by default. */
    public static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Loop loop;
    private final Duration timeout;
    private final long deadline;
    private boolean begun;
    private volatile boolean tasksEnded;
    private volatile boolean over;

    /** Each of its two parts, tasks and executor, may take {@code timeout}. */
    public Closing(Loop loop, Duration timeout) {
        this.loop = loop;
        this.timeout = timeout;
        this.deadline = loop.after(timeout);
    }

    /** From any thread. */
    public void begin() {
        loop.beginToClose();
        loop.post(this::cancelTasks);
    }

    /** Whether only the executor is left to be waited for. */
    public boolean tasksEnded() {
        return tasksEnded;
    }

    public boolean over() {
        return over;
    }

    private void cancelTasks() {
        try {
            nextRound();
        } catch (Throwable t) { // whatever it is, the loop must end
            loop.report(Errors.of("Exception while the event loop was closing", t));
            endExecutor();
        }
    }

    private void nextRound() {
        List<LoopTask<?>> left = loop.unfinishedTasks();
        if (left.isEmpty() || (begun && loop.now() >= deadline)) {
            endExecutor();
            return;
        }
        var all = new GatheringFuture<@Nullable Object, Outcome<?>>(loop, List.copyOf(left), true, outcome -> outcome);
        Timer giveUp = loop.timerAt(deadline, () -> all.endCancelled("The time to close has expired"));
        begun = true;
        left.forEach(task -> task.cancelHere("The event loop is closing"));
        all.listen(_ -> {
            giveUp.cancel();
            reportFailures(left);
            loop.post(this::cancelTasks);
        });
    }

    private void reportFailures(List<LoopTask<?>> cancelled) {
        for (LoopTask<?> task : cancelled) {
            if (task.done() && !task.cancelled() && task.exception() != null) {
                loop.report(task.errorContext("A task failed while the event loop was closing", task.exception()));
            }
        }
    }

    private void endExecutor() {
        tasksEnded = true;
        ((LoopFuture<?>) loop.shutdownDefaultExecutor(timeout)).listen(_ -> {
            over = true;
            loop.close();
        });
    }
}
