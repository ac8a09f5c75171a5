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
 *   <li>What the coroutine throws is thrown, the same object; what else went wrong is among its suppressed exceptions.
 *   <li>Otherwise an {@link AssertionError} says which tasks were left behind and where they wait, which failures
 *       nobody has retrieved, what callbacks threw, or that the loop stood still.
 *   <li>A coroutine that sets an exception handler of its own is told instead, and nothing of this fails.
 *   <li>If the timeout passes, in real time, an {@code AssertionError} says where each task waits, or which call blocks
 *       the loop.
 *   <li>An interrupt of the calling thread cancels the coroutine. One that is there before {@code run} is called makes
 *       {@code run} throw {@link InterruptedException} without starting the coroutine, as blocking methods of the JDK
 *       do.
 * </ul>
 */
public final class TestLoop {

    private static final Duration LONG = Duration.ofDays(10_000);

    private TestLoop() {}

    /** As a number of nanoseconds that is one. */
    static Duration atMostLong(Duration time) {
        return time.compareTo(LONG) < 0 ? time : LONG;
    }

    /** Runs a coroutine and returns its result. */
    public static <T extends @Nullable Object> T run(Coroutine<T> body) throws Exception {
        return builder().run(body);
    }

    /** The void form of {@link #run(Coroutine)}. */
    public static void run(Coroutine.Action body) throws Exception {
        builder().run(body);
    }

    /** A loop to be configured. */
    public static Builder builder() {
        return new Builder();
    }

    /** How the loop is to be. Each run has a loop of its own. */
    public static final class Builder {

        private @Nullable Engine engine;
        private @Nullable Long seed;
        private @Nullable Duration patience;
        private boolean realTime;
        private Duration standstill = Duration.ofSeconds(2);
        private Duration timeout = Duration.ofSeconds(30);

        private Builder() {}

        /** The engine. The default is that which the JVM uses. */
        public Builder engine(Engine engine) {
            this.engine = engine;
            return this;
        }

        /** The pseudo-random order in which ready tasks have their turns: {@link Runner.Builder#seed}. */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /** Lets the loop live in real time. */
        public Builder realTime() {
            this.realTime = true;
            return this;
        }

        /**
         * How long virtual time stands still, in real time, for offloaded work that does not end. The default is 10
         * seconds.
         */
        public Builder patience(Duration patience) {
            this.patience = patience;
            return this;
        }

        /**
         * After how long the run fails when nothing is left that could wake the loop, in real time: no timer, no
         * offloaded call, no stage of others. A thread of the test's own that will wake it is not known: let it take
         * longer then, or offload what it does. The default is 2 seconds; in real time it is not looked for.
         */
        public Builder standstill(Duration standstill) {
            this.standstill = atMostLong(Durations.positive("The time to stand still", standstill));
            return this;
        }

        /**
         * How long the coroutine may take, in real time. The default is 30 seconds. {@code run} throws within about a
         * second after that also if a call blocks the loop; if the call does not end when it is interrupted, its thread
         * is left behind.
         */
        public Builder timeout(Duration timeout) {
            this.timeout = atMostLong(Durations.positive("The timeout", timeout));
            return this;
        }

        /** Runs a coroutine and returns its result. */
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

        /** The void form of {@link #run(Coroutine)}. */
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
