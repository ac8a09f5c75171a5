package dev.offloop;

import java.time.Duration;

/** Cancels a callback that is scheduled for a given time. Counterpart of {@code asyncio.TimerHandle}. */
public interface TimerHandle extends Handle {

    /**
     * Returns the time at which the callback is due.
     *
     * @return the time on the clock of {@link EventLoop#time()}
     */
    Duration when();
}
