package dev.offloop;

import java.time.Duration;

/** A callback that waits for its time. Answers to {@code asyncio.TimerHandle}. */
public interface TimerHandle extends Handle {

    /** When the callback is due, on the clock of {@link EventLoop#time()}. */
    Duration when();
}
