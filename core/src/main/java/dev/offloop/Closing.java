package dev.offloop;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last turns of a loop, on its side: cancels the tasks, round by round as some may start others, until there are none
 * or the time is over, then ends the executor, then the loop.
 */
final class Closing {

    private final EventLoop loop;
    private final Duration timeout;
    private final long deadline;
    private boolean begun;
    private volatile boolean tasksEnded;
    private volatile boolean over;

    /** Each of its two parts, tasks and executor, may take {@code timeout}. */
    Closing(EventLoop loop, Duration timeout) {
        this.loop = loop;
        this.timeout = timeout;
        this.deadline = loop.after(timeout);
    }

    /** From any thread. */
    void begin() {
        loop.beginToClose();
        loop.post(this::cancelTasks);
    }

    /** Whether only the executor is left to be waited for. */
    boolean tasksEnded() {
        return tasksEnded;
    }

    boolean over() {
        return over;
    }

    private void cancelTasks() {
        try {
            nextRound();
        } catch (Throwable t) { // whatever it is, the loop must end
            loop.report(ErrorContext.of("Exception while the event loop was closing", t));
            endExecutor();
        }
    }

    private void nextRound() {
        List<LoopTask<?>> left = loop.unfinishedTasks();
        if (left.isEmpty() || (begun && loop.now() >= deadline)) {
            endExecutor();
            return;
        }
        var all = new Gathering<@Nullable Object, Outcome<?>>(loop, List.copyOf(left), true, outcome -> outcome);
        Timer giveUp = loop.timerAt(deadline, () -> all.endCancelled("The time to close is over"));
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
                loop.report(ErrorContext.of("A task failed while the event loop was closing", task.exception(), task));
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
