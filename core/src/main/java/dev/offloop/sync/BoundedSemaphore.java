package dev.offloop.sync;

/**
 * Bounds the permits of a {@link Semaphore} to the number that it starts with: to release one that was not acquired
 * throws {@link IllegalStateException}. Counterpart of {@code asyncio.BoundedSemaphore}.
 */
public final class BoundedSemaphore extends Semaphore {

    /**
     * Creates a semaphore.
     *
     * @param permits the number of permits, and the most there can be; zero or more
     * @throws IllegalArgumentException if {@code permits} is negative
     */
    public BoundedSemaphore(int permits) {
        super(permits, permits);
    }
}
