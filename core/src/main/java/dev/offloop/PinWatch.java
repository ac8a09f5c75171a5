package dev.offloop;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sees that a pinned task of the portable engine cannot hang its loop: a daemon platform thread, since all the virtual
 * ones may be stuck.
 *
 * <p>It looks at the fiber that the loop resumed last. One that has offered the baton at two looks in a row, with no
 * switch in between, either waits for a busy carrier or blocks the only one. Only in the second case is there a native
 * frame on its stack: the park of the carrier itself.
 */
final class PinWatch implements Runnable {

    /** Long enough to never meet a healthy switch, short enough for a user who waits. */
    private static final long LOOK_MILLIS = 500;

    private final EventLoop loop;

    PinWatch(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public void run() {
        PortableFiber suspect = null;
        long switches = 0;
        try {
            while (true) {
                Thread.sleep(LOOK_MILLIS);
                PortableFiber now = offeredFiber();
                long count = loop.switches();
                if (now != null && now == suspect && count == switches && parksItsCarrier(now)) {
                    now.withdraw();
                }
                suspect = now;
                switches = count;
            }
        } catch (InterruptedException closed) {
            // the loop has ended
        }
    }

    private @Nullable PortableFiber offeredFiber() {
        return loop.lastResumed() instanceof PortableFiber fiber && fiber.offered() ? fiber : null;
    }

    private static boolean parksItsCarrier(PortableFiber fiber) {
        return Arrays.stream(fiber.thread().getStackTrace()).anyMatch(StackTraceElement::isNativeMethod);
    }
}
