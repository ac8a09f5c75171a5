package dev.offloop.internal.monitor;

import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what it costs to call a function on another thread that is idle.
 *
 * <p>Between two threads of its own: the thread that wants to know may be a task's, or have been interrupted.
 */
final class HopFloor {

    private static final int CALLS = 200;
    private static final long WAIT_NANOS = 10_000_000;
    private static final long LONGEST_SECONDS = 1;

    /** What it usually is. */
    private static final long USUAL_NANOS = 25_000;

    /** A machine with much to do would say that everything is trivial. */
    private static final long MAX_NANOS = 100_000;

    private HopFloor() {}

    /** Returns the duration of a call that does nothing, on a good day. */
    static long measure() {
        var measurement = new FutureTask<>(HopFloor::lowerQuartile);
        Thread.ofPlatform().daemon().name("offloop-calibration").start(measurement);
        try {
            return Math.min(MAX_NANOS, measurement.get(LONGEST_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return USUAL_NANOS;
        } catch (ExecutionException | TimeoutException e) {
            return USUAL_NANOS;
        }
    }

    private static long lowerQuartile() {
        var helper = new Helper(Thread.currentThread());
        Thread thread = Thread.ofPlatform().daemon().name("offloop-calibration").start(helper);
        long[] times = new long[CALLS];
        for (int call = 1; call <= CALLS; call++) {
            long begin = System.nanoTime();
            helper.asked = call;
            LockSupport.unpark(thread);
            while (helper.answered != call) {
                LockSupport.parkNanos(WAIT_NANOS);
            }
            times[call - 1] = System.nanoTime() - begin;
        }
        helper.asked = Helper.END;
        LockSupport.unpark(thread);
        Arrays.sort(times);
        return times[CALLS / 4];
    }

    private static final class Helper implements Runnable {
        static final int END = -1;

        private final Thread caller;
        volatile int asked;
        volatile int answered;

        Helper(Thread caller) {
            this.caller = caller;
        }

        @Override
        public void run() {
            int next;
            while ((next = asked) != END) {
                if (next == answered) {
                    LockSupport.parkNanos(this, WAIT_NANOS);
                } else {
                    answered = next;
                    LockSupport.unpark(caller);
                }
            }
        }
    }
}
