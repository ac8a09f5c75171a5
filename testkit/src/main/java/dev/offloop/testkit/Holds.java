package dev.offloop.testkit;

import dev.offloop.EventLoop;
import dev.offloop.Task;
import dev.offloop.internal.util.Durations;
import dev.offloop.spi.StepListener;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long each step holds the loop, while it is open, and the longest of them.
 *
 * <p>Steps are measured on the loop's side. Where one stands that takes too long, only another thread can see while it
 * lasts: the sampler looks at the running step, and keeps the first stack that it finds too late.
 */
final class Holds implements StepListener, AutoCloseable {

    private static final int FRAMES = 8;

    /** A step that has begun. */
    private record Step(long since, @Nullable Task<?> task, Thread thread) {

        String who() {
            return task == null ? "a callback" : "task " + task.name();
        }

        List<StackTraceElement> stack() {
            return task == null ? Arrays.asList(thread.getStackTrace()) : task.stack();
        }
    }

    private record Sample(Step step, List<StackTraceElement> stack) {}

    private final EventLoop loop;
    private final LongSupplier clock;
    private final Duration longest;
    private final @Nullable Thread sampler;
    private volatile @Nullable Step running;
    private volatile @Nullable Sample sample;
    private @Nullable Step worst;
    private long worstNanos;

    /** In the task whose block is to be watched, in the middle of its step. */
    Holds(EventLoop loop, LongSupplier clock, Duration longest, boolean sampled) {
        this.loop = loop;
        this.clock = clock;
        this.longest = longest;
        begins(Task.current());
        loop.addStepListener(this);
        this.sampler = sampled
                ? Thread.ofPlatform().daemon().name("offloop-blocking-detector").start(this::sample)
                : null;
    }

    @Override
    public void begins(@Nullable Task<?> task) {
        running = new Step(clock.getAsLong(), task, Thread.currentThread());
    }

    @Override
    public void ends(@Nullable Task<?> task) {
        Step step = running;
        running = null;
        if (step != null) {
            long nanos = clock.getAsLong() - step.since;
            if (worst == null || nanos > worstNanos) {
                worst = step;
                worstNanos = nanos;
            }
        }
    }

    /** On the sampler's thread. */
    private void sample() {
        Duration pause = longest.dividedBy(4);
        try {
            while (true) {
                Thread.sleep(pause.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : pause);
                Step step = running;
                Sample before = sample;
                if (step != null
                        && (before == null || before.step != step)
                        && clock.getAsLong() - step.since > longest.toNanos()) {
                    List<StackTraceElement> stack = step.stack();
                    if (running == step) { // or it is that of a later step
                        sample = new Sample(step, stack);
                    }
                }
            }
        } catch (InterruptedException closed) {
            // the result is not wanted any more
        }
    }

    /** In the block's task again, at its end: what is wrong, if anything is. */
    @Nullable
    AssertionError verdict() {
        ends(Task.current());
        Step worst = this.worst;
        if (worst == null || worstNanos <= longest.toNanos()) {
            return null;
        }
        var error = new AssertionError("The event loop was held for " + Durations.inWords(Duration.ofNanos(worstNanos))
                + " by " + worst.who() + ", and should be for " + Durations.inWords(longest) + " at most");
        Sample sample = this.sample;
        if (sample != null && sample.step == worst) {
            var where = new Throwable("This is where it was held");
            where.setStackTrace(sample.stack.stream().limit(FRAMES).toArray(StackTraceElement[]::new));
            error.initCause(where);
        }
        return error;
    }

    @Override
    public void close() {
        loop.removeStepListener(this);
        if (sampler != null) {
            sampler.interrupt();
        }
    }
}
