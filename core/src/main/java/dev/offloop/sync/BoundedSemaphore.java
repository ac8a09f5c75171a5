package dev.offloop.sync;

/**
 * A {@link Semaphore} that never has more permits than at first: to release one that nobody has acquired is an
 * {@link IllegalStateException}. Counterpart of {@code asyncio.BoundedSemaphore}.
 */
public final class BoundedSemaphore extends Semaphore {

    /** A semaphore of so many permits at most. */
    public BoundedSemaphore(int permits) {
        super(permits, permits);
    }
}
