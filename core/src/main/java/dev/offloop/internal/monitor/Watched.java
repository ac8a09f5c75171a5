package dev.offloop.internal.monitor;

import dev.offloop.monitor.LoopStatistics;
import org.jspecify.annotations.Nullable;

/** Shows a loop to the {@link Watchdog}. All methods may be called from any thread, also while the loop is blocked. */
public interface Watched {

    /** Returns the loop's name. */
    String name();

    /** Returns the number of the step: odd while one runs, and another one at each beginning and end of a step. */
    long step();

    /** Returns the number of the turn: odd while one runs, and another one at each beginning and end of a turn. */
    long turn();

    /** Returns the name of the task that runs; null for a callback, or if none runs. */
    @Nullable
    String task();

    /** Samples the thread that is in the step; null if there is none. */
    @Nullable
    Sample sample();

    /** Returns the use of the processor by the loop's thread; null if that is not known. */
    @Nullable
    CpuUse cpuUse();

    /**
     * Asks a host that may pump its events inside of a step, as a modal dialog does, for a turn: then that has ended.
     */
    void probe();

    /** Has the loop measure how long it takes until it would run a message that comes now. */
    void measureLag();

    /** Counts a step, or a turn, that is reported. */
    void countSlowStep();

    /** Returns how many tasks there are, roughly. */
    int taskCount();

    /** Describes the tasks. */
    String dumpTasks();

    /** Returns who waits for whom. Waits for the loop, and for other processes, a bounded time. */
    AwaitTree awaitTree();

    /** Returns what the loop does and has done. */
    LoopStatistics statistics();
}
