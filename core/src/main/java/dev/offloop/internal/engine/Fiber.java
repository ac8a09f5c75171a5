package dev.offloop.internal.engine;

/**
 * A body that can stop in the middle and go on later: the one thing that the two engines do differently.
 *
 * <p>Exactly one side runs at a time. The loop calls {@link #resume()} and gets control back when the body calls
 * {@link #suspend()} or ends. If the body blocks anywhere else (a lock, a socket, {@code Thread.sleep}), {@code resume}
 * goes on waiting for it: no other task may run at a point that the user cannot see, so a blocking call stalls the
 * loop, as it does in asyncio.
 */
abstract sealed class Fiber permits CarriedFiber, PortableFiber {

    /** Creates a fiber for the loop, not started, whose thread has the given name. */
    static Fiber create(Loop loop, String name, Runnable body) {
        return switch (loop.engineInUse()) {
            case CARRIED -> new CarriedFiber(name, body);
            case PORTABLE -> new PortableFiber(loop, name, body);
        };
    }

    /** On the loop's thread: runs the body up to its next {@link #suspend()} or its end. */
    abstract void resume();

    /**
     * In the body: gives control back to the loop until the next {@link #resume()}.
     *
     * @throws IllegalStateException if the body cannot be suspended here; it has not been, then
     */
    abstract void suspend();

    /** In the body: whether a suspension might not be possible here, and not be noticed at once. */
    boolean mayBePinned() {
        return false;
    }

    /** The virtual thread of the body. */
    abstract Thread thread();

    static IllegalStateException pinned() {
        return new IllegalStateException("A task cannot be suspended here: a native method or a class initializer is"
                + " on its stack, and Java cannot park such a thread. Move the await out of it");
    }
}
