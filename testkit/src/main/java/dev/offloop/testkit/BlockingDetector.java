package dev.offloop.testkit;

import dev.offloop.Coroutine;
import dev.offloop.EventLoop;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asserts that a block of code never blocks the event loop for too long: that what takes time in it is awaited.
 *
 * <pre>{@code
 * BlockingDetector.inRealTime().assertHeldAtMost(Duration.ofMillis(20), () -> {
 *     await(service.handle(request));
 * });
 * }</pre>
 *
 * <ul>
 *   <li>Every step of the loop counts while the block runs: of its own task, of another one, or a callback.
 *   <li>{@link #inLoopTime} measures on the loop's clock. On virtual time a step takes what it says with
 *       {@link dev.offloop.VirtualClock#advance}, and the assertion is exact.
 *   <li>{@link #inRealTime} measures real time, on virtual time too, and names the line where the loop was blocked.
 *       Other load on the machine counts as well: leave room.
 * </ul>
 */
public final class BlockingDetector {

    private final boolean realTime;

    private BlockingDetector(boolean realTime) {
        this.realTime = realTime;
    }

    /**
     * Returns a detector that measures on the loop's clock.
     *
     * @return the detector
     */
    public static BlockingDetector inLoopTime() {
        return new BlockingDetector(false);
    }

    /**
     * Returns a detector that measures real time.
     *
     * @return the detector
     */
    public static BlockingDetector inRealTime() {
        return new BlockingDetector(true);
    }

    /**
     * Runs a block in the calling task and returns its result.
     *
     * @param longest the longest time for which a step may block the loop
     * @param block the block
     * @param <T> the type of the result
     * @return the result of the block
     * @throws AssertionError if a step blocked the loop for longer
     * @throws Exception the failure of the block; that the loop was blocked is among its suppressed exceptions then
     */
    public <T extends @Nullable Object> T assertHeldAtMost(Duration longest, Coroutine<T> block) throws Exception {
        EventLoop loop = EventLoop.current();
        LongSupplier clock = realTime ? System::nanoTime : () -> loop.time().toNanos();
        AssertionError tooLong;
        T result;
        try (var holds = new Holds(loop, clock, TestLoop.atMostLong(longest), realTime)) {
            try {
                result = block.run();
            } catch (Throwable t) {
                tooLong = holds.verdict();
                if (tooLong != null) {
                    t.addSuppressed(tooLong);
                }
                throw t;
            }
            tooLong = holds.verdict();
        }
        if (tooLong != null) {
            throw tooLong;
        }
        return result;
    }

    /**
     * Behaves as {@link #assertHeldAtMost(Duration, Coroutine)}, for a block that returns nothing.
     *
     * @param longest the longest time for which a step may block the loop
     * @param block the block
     * @throws Exception the failure of the block
     */
    public void assertHeldAtMost(Duration longest, Coroutine.Action block) throws Exception {
        this.<@Nullable Void>assertHeldAtMost(longest, () -> {
            block.run();
            return null;
        });
    }
}
