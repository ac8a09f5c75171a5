package dev.offloop;

import java.time.Duration;

/** Runs a test's coroutine on a loop whose clock jumps: no test sleeps. */
final class VirtualTime {

    private VirtualTime() {}

    static <T> T run(Coroutine<T> main) throws Exception {
        try (var runner = Runner.builder().clock(new VirtualClock()).build()) {
            return runner.run(main);
        }
    }

    static void run(Coroutine.Action main) throws Exception {
        run(Actions.coroutine(main));
    }

    /** Lets time pass on the clock of the current loop while nothing else runs, as a task does that computes. */
    static void beBusy(Duration time) {
        ((VirtualClock) EventLoop.current().clock()).advance(time);
    }
}
