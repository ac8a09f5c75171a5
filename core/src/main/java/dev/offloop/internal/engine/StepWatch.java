package dev.offloop.internal.engine;

import java.util.Arrays;

/**
 * Detects steps of the portable engine that do not end. It is a daemon platform thread, since all the virtual ones may
 * be blocked.
 *
 * <p>It looks at the fiber that the loop resumed last. One that has offered the baton at two looks in a row, with no
 * switch in between, either waits for a busy carrier or is pinned and blocks the only one. Only in the second case is
 * there a native frame on its stack: the park of the carrier itself. Then the suspension is withdrawn, and ends in an
 * error. One that has run for as long may be blocked by what a suspended task holds: the loop
 * {@linkplain BlockedStepDiagnosis looks for the cause}.
 *
 * <p>One that is suspended, with the loop idle since, may be pinned all the same: it parks a carrier, and what it
 * awaits may need that carrier, or the class whose initializer awaits it. The loop then ends that suspension in the
 * same error.
 */
final class StepWatch implements Runnable {

    /** Long enough to never meet a healthy switch, short enough for a user who waits. */
    private static final long LOOK_MILLIS = 500;

    private static final long LOOKS_UNTIL_BLOCKED = BlockedStepDiagnosis.BLOCKED_NANOS / (LOOK_MILLIS * 1_000_000);

    private final Loop loop;

    StepWatch(Loop loop) {
        this.loop = loop;
    }

    @Override
    public void run() {
        Fiber before = null;
        boolean offeredBefore = false;
        long switches = 0;
        int looks = 0;
        try {
            while (true) {
                Thread.sleep(LOOK_MILLIS);
                Fiber now = loop.lastResumed();
                long count = loop.switches();
                looks = now == before && count == switches ? looks + 1 : 0;
                boolean offered = now instanceof PortableFiber fiber && fiber.offered();
                if (looks > 0 && now instanceof PortableFiber fiber) {
                    if (offered && offeredBefore && parksItsCarrier(fiber)) {
                        fiber.withdraw();
                    } else if (looks == LOOKS_UNTIL_BLOCKED && fiber.runs()) {
                        fiber.suspect();
                    } else if (looks == 1 && fiber.suspended() && parksItsCarrier(fiber)) {
                        loop.post(() -> loop.refuseSuspension(fiber, count));
                    }
                }
                before = now;
                offeredBefore = offered;
                switches = count;
            }
        } catch (InterruptedException closed) {
            // the loop has ended
        }
    }

    private static boolean parksItsCarrier(PortableFiber fiber) {
        return Arrays.stream(fiber.thread().getStackTrace()).anyMatch(StackTraceElement::isNativeMethod);
    }
}
