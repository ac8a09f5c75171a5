package dev.offloop.process.internal.pool;

import java.util.ArrayList;

/**
 * A simulated thread. It has a stack of actions that are to be done, the next at the end: what an action leaves to be
 * done comes before what was to be done already, as in a thread that calls methods.
 */
final class SimActor {

    final String name;

    /** Whether the pool cannot do without this thread. */
    final boolean ofPool;

    final ArrayList<Runnable> pending = new ArrayList<>();

    /** Where what the current action leaves to be done is inserted. */
    int base;

    /** Whether one of its actions runs. */
    boolean running;

    /** It does nothing before. */
    long stuckUntil;

    /** What it does when nothing is pending; null if it has no job, or has done it. */
    Job job;

    /** Whether it runs foreign code. */
    boolean foreign;

    /** Whether the pool has given up what it runs. */
    boolean abandoned;

    /** The process that it launches, or that hangs in it. */
    Worker launching;

    /** The submission that waits for room; null if there is none. */
    SimCall parked;

    CallQueue.Turn turn;

    SimActor(String name, boolean ofPool) {
        this.name = name;
        this.ofPool = ofPool;
    }

    boolean isFree() {
        return pending.isEmpty() && !running;
    }
}
