package dev.offloop.testkit;

import dev.offloop.Coroutine;
import dev.offloop.Engine;
import dev.offloop.LoopClock;
import dev.offloop.Runner;
import dev.offloop.VirtualClock;
import dev.offloop.internal.util.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Runs a coroutine on an event loop that is strict with it, as {@link LoopTest} does: on virtual time, and with an
 * error for what is left behind or lost.
 *
 * <ul>
 *   <li>What the coroutine throws is thrown, the same object; other faults are among its suppressed exceptions.
 *   <li>Otherwise an {@link AssertionError} says which tasks were left behind and where they wait, which failures were
 *       never retrieved, what callbacks threw, or that the loop stood still.
 *   <li>A coroutine that sets an exception handler of its own receives these faults instead, and none of them fails the
 *       run.
 *   <li>If the timeout expires, in real time, an {@code AssertionError} says where each task waits, or which call
 *       blocks the loop.
 *   <li>An interrupt of the calling thread cancels the coroutine. One that is there before {@code run} is called makes
 *       {@code run} throw {@link InterruptedException} without starting the coroutine, as blocking methods of the JDK
 *       do.
 * </ul>
 *
 * <p>Counterpart of {@code unittest.IsolatedAsyncioTestCase}, as a function.
 */
public final class TestLoop {

    private static final Duration LONG = Duration.ofDays(10_000);

    private TestLoop() {}

    /** Returns the time, or the longest one that fits into nanoseconds. */
    static Duration atMostLong(Duration time) {
        return time.compareTo(LONG) < 0 ? time : LONG;
    }

    /**
     * Runs a coroutine with the defaults.
     *
     * @param body the coroutine
     * @param <T> the type of the result
     * @return the result of the coroutine
     * @throws Exception the failure of the coroutine
     * @throws AssertionError if something was left behind or lost, see above
     */
    public static <T extends @Nullable Object> T run(Coroutine<T> body) throws Exception {
        return builder().run(body);
    }

    /**
     * Behaves as {@link #run(Coroutine)}, for a coroutine that returns nothing.
     *
     * @param body the coroutine
     * @throws Exception the failure of the coroutine
     */
    public static void run(Coroutine.Action body) throws Exception {
        builder().run(body);
    }

    /**
     * Returns a builder of a loop.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Configures a loop. Each run has a loop of its own. */
    public static final class Builder {

        private @Nullable Engine engine;
        private @Nullable Long seed;
        private @Nullable Duration patience;
        private boolean realTime;
        private Duration standstill = Duration.ofSeconds(2);
        private Duration timeout = Duration.ofSeconds(30);

        private Builder() {}

        /**
         * Sets the engine. The default is that which the JVM uses.
         *
         * @param engine the engine
         * @return this builder
         */
        public Builder engine(Engine engine) {
            this.engine = engine;
            return this;
        }

        /**
         * Sets the pseudo-random order in which ready tasks have their turns: {@link Runner.Builder#seed}.
         *
         * @param seed the seed
         * @return this builder
         */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Runs the loop in real time.
         *
         * @return this builder
         */
        public Builder realTime() {
            this.realTime = true;
            return this;
        }

        /**
         * Sets how long virtual time stands still, in real time, for offloaded work that does not end. The default is
         * 10 seconds.
         *
         * @param patience the time, more than zero
         * @return this builder
         */
        public Builder patience(Duration patience) {
            this.patience = patience;
            return this;
        }

        /**
         * Sets after how long the run fails, in real time, when nothing is left that could wake the loop: no timer, no
         * offloaded call, no foreign stage. A thread that the test has started and that will wake it is not known: set
         * a longer time then, or offload what it does. The default is 2 seconds; a loop in real time is not checked.
         *
         * @param standstill the time, more than zero
         * @return this builder
         * @throws IllegalArgumentException if the time is zero or less
         */
        public Builder standstill(Duration standstill) {
            this.standstill = atMostLong(Durations.positive("The time to stand still", standstill));
            return this;
        }

        /**
         * Sets how long the coroutine may take, in real time. The default is 30 seconds. {@code run} throws within
         * about a second after that also if a call blocks the loop; if the call does not end when it is interrupted,
         * its thread is left behind.
         *
         * @param timeout the time, more than zero
         * @return this builder
         * @throws IllegalArgumentException if the time is zero or less
         */
        public Builder timeout(Duration timeout) {
            this.timeout = atMostLong(Durations.positive("The timeout", timeout));
            return this;
        }

        /**
         * Runs a coroutine.
         *
         * @param body the coroutine
         * @param <T> the type of the result
         * @return the result of the coroutine
         * @throws Exception the failure of the coroutine
         * @throws AssertionError if something was left behind or lost, see above
         */
        public <T extends @Nullable Object> T run(Coroutine<T> body) throws Exception {
            Runner.Builder runner = Runner.builder().clock(clock());
            if (engine != null) {
                runner.engine(engine);
            }
            if (seed != null) {
                runner.seed(seed);
            }
            return new Trial(timeout, realTime ? null : standstill).run(runner, body);
        }

        /**
         * Behaves as {@link #run(Coroutine)}, for a coroutine that returns nothing.
         *
         * @param body the coroutine
         * @throws Exception the failure of the coroutine
         */
        public void run(Coroutine.Action body) throws Exception {
            this.<@Nullable Void>run(() -> {
                body.run();
                return null;
            });
        }

        private LoopClock clock() {
            if (realTime) {
                return LoopClock.system();
            }
            return patience == null ? new VirtualClock() : new VirtualClock(patience);
        }
    }
}
