package dev.offloop.process.internal.wire;

import java.io.IOException;

/** A worker that is a thread of its parent's JVM, as the parent sees it. All else goes through its channels. */
public interface WorkerBody {

    /**
     * Connects to the parent and serves calls, on the calling thread, until the parent retires it or hangs up.
     *
     * @throws IOException if it cannot connect, or is killed
     */
    void serve() throws IOException;

    /** Hangs up, and interrupts the function that it runs. May be called from any thread, and at any time. */
    void kill();
}
