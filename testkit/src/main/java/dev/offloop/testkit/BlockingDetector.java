package dev.offloop.testkit;

import dev.offloop.Coroutine;
import dev.offloop.EventLoop;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asserts that a block of code never holds the event loop for too long: that whatever takes its time in it is awaited.
 *
 * <pre>{@code
 * BlockingDetector.inRealTime().assertHeldAtMost(Duration.ofMillis(20), () -> {
 *     await(service.handle(request));
 * });
 * }</pre>
 *
 * <ul>
 *   <li>Every step of the loop counts while the block runs, be it of its own task, of another one or of a callback.
 *   <li>{@link #inLoopTime} measures on the loop's clock. On virtual time a step takes what it says by
 *       {@link dev.offloop.VirtualClock#advance}, and the assertion is exact.
 *   <li>{@link #inRealTime} measures what really passes, on virtual time too, and tells the line where the loop was
 *       held. Other load on the machine counts as well: leave room.
 * </ul>
 */
public final class BlockingDetector {

    private final boolean realTime;

    private BlockingDetector(boolean realTime) {
        this.realTime = realTime;
    }

    /** Measures on the loop's clock. */
    public static BlockingDetector inLoopTime() {
        return new BlockingDetector(false);
    }

    /** Measures in real time. */
    public static BlockingDetector inRealTime() {
        return new BlockingDetector(true);
    }

    /**
     * Runs a block in the calling task and returns its result.
     *
     * @throws AssertionError if a step held the loop for longer
     * @throws Exception what the block threw; that the loop was held is among its suppressed exceptions then
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

    /** The void form of {@link #assertHeldAtMost(Duration, Coroutine)}. */
    public void assertHeldAtMost(Duration longest, Coroutine.Action block) throws Exception {
        this.<@Nullable Void>assertHeldAtMost(longest, () -> {
            block.run();
            return null;
        });
    }
}
