package dev.offloop.process.internal.pool;

/** What a thread of the platform does, in steps, so that a simulator can let other things happen between them. */
public interface Job {

    /** Runs a step. Returns whether there is another one. */
    boolean step();
}
