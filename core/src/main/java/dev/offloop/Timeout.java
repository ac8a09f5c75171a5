package dev.offloop;

import dev.offloop.internal.engine.LoopTask;
import dev.offloop.internal.engine.Timer;
import dev.offloop.internal.util.Durations;
import dev.offloop.internal.util.Nanos;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Limits the time that a part of a task may take. {@link Async#timeout(Duration, Body)} passes it to the body, which
 * may read and change its deadline.
 *
 * <p>When the timeout has expired, the task is cancelled, and the scope turns the {@link CancelledError} that comes out
 * of the body into a {@link TimeoutException}. It knows its own cancellation from others by the count that
 * {@link Task#cancelling()} keeps: if, after it has taken its own back, more are left than there were at the start,
 * other code has cancelled the task too, and the cancellation goes on. So of two nested scopes that expire at once, the
 * outer one throws.
 *
 * <p>Counterpart of {@code asyncio.Timeout}.
 */
public final class Timeout {

    /** Runs a body that returns nothing. */
    @FunctionalInterface
    public interface Action {

        /**
         * Runs the body.
         *
         * @param scope the scope
         * @throws Exception the failure of the body
         */
        void act(Timeout scope) throws Exception;
    }

    /**
     * Runs a body that reads or changes its deadline.
     *
     * <p>It is an {@link Action} too, so that a lambda that could be either, such as one that only throws, is this one.
     *
     * @param <T> the type of the result
     */
    @FunctionalInterface
    @SuppressWarnings("FunctionalInterfaceMethodChanged") // act() is run() without its result
    public interface Body<T extends @Nullable Object> extends Action {

        /**
         * Runs the body.
         *
         * @param scope the scope
         * @return the result of the body
         * @throws Exception the failure of the body
         */
        T run(Timeout scope) throws Exception;

        @Override
        default void act(Timeout scope) throws Exception {
            run(scope);
        }
    }

    private enum State {
        RUNNING,
        EXPIRED,
        OVER
    }

    private final LoopTask<?> task;
    private Timer timer;
    private State state = State.RUNNING;

    /** What was asked for, in words. */
    private String asked;

    /** What the task awaited when the time expired, in words. */
    private @Nullable String awaited;

    private Timeout(LoopTask<?> task, long when, String asked) {
        this.task = task;
        this.asked = asked;
        this.timer = task.loop.timerAt(when, this::expire);
    }

    static <T extends @Nullable Object> T within(LoopTask<?> task, Duration time, Body<T> body) throws Exception {
        return run(task, task.loop.after(time), "after " + Durations.inWords(time), body);
    }

    static <T extends @Nullable Object> T until(LoopTask<?> task, Duration deadline, Body<T> body) throws Exception {
        return run(task, Nanos.of(deadline), "at " + Durations.inWords(deadline) + " on the loop's clock", body);
    }

    private static <T extends @Nullable Object> T run(LoopTask<?> task, long when, String asked, Body<T> body)
            throws Exception {
        if (when <= task.loop.now()) {
            throw new TimeoutException("Timed out " + asked + ", before the body could start");
        }
        int before = task.cancelling();
        var scope = new Timeout(task, when, asked);
        task.timeouts++;
        try {
            T result = body.run(scope);
            scope.end();
            return result;
        } catch (CancelledError e) {
            if (scope.end() && task.cancelling() <= before) {
                throw (TimeoutException) new TimeoutException(scope.message()).initCause(e);
            }
            throw e;
        } catch (Throwable t) {
            scope.end();
            throw t;
        }
    }

    private void expire() {
        state = State.EXPIRED;
        awaited = task.awaitedInWords(); // it awaits nothing any more when the cancellation arrives
        task.cancelHere(message());
    }

    private String message() {
        return "Timed out " + asked + (awaited == null ? "" : ", awaiting " + awaited);
    }

    /** Ends the scope and takes its cancellation back. True if it had expired. */
    private boolean end() {
        timer.cancel();
        task.timeouts--;
        boolean expired = state == State.EXPIRED;
        if (expired) {
            task.uncancel();
        } else {
            state = State.OVER;
        }
        return expired;
    }

    /**
     * Sets a new timeout for the body, counted from now.
     *
     * @param delay the time to wait; zero or less counts as zero
     * @throws IllegalStateException if the scope has ended or expired
     */
    public void reschedule(Duration delay) {
        if (state != State.RUNNING) {
            throw new IllegalStateException(
                    state == State.EXPIRED ? "The timeout has expired already" : "The timeout's scope has ended");
        }
        timer.cancel();
        timer = task.loop.timerAt(task.loop.after(delay), this::expire);
        asked = Durations.inWords(delay) + " after it was rescheduled";
    }

    /**
     * Returns the time at which this timeout expires, on the clock of {@link EventLoop#time()}.
     *
     * @return the time on the clock of {@link EventLoop#time()}
     */
    public Duration deadline() {
        return timer.when();
    }

    /**
     * Returns whether the timeout expired before the body ended.
     *
     * @return true if the timeout has expired
     */
    public boolean expired() {
        return state == State.EXPIRED;
    }
}
