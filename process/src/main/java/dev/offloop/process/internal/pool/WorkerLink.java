package dev.offloop.process.internal.pool;

import java.util.List;

/**
 * A worker's process, as the pool sees it. No method waits for the process, and none throws for a process that has
 * ended: its end is an {@link WorkerEvents#gone event}, always the last one. May be used by any thread.
 */
public interface WorkerLink {

    /** The process id; -1 when there is none. */
    long pid();

    /** Sends calls, in this order. */
    void send(List<Outgoing> calls);

    /** Asks the process to end the call of this number, and to tell where it was. */
    void cancel(long number);

    /** Asks the process where the call of this number is. */
    void sample(long number);

    /** Asks the process to end in good order when it has answered all that it was sent. */
    void retire();

    /** Asks the process to end in good order at once, its shutdown hooks run. */
    void terminate();

    /** Ends the process. */
    void kill();

    /** Takes back the calls up to this number that the process has not begun. Returns the last that it has begun. */
    long takeBack(long last);

    /** The last call that the process has begun, or that was taken back. Final when the process has ended. */
    long begun();

    /** How many signs of life the process has given. */
    long beats();

    /** How much memory the process has, in bytes; 0 where the system does not say. */
    long residentMemory();

    /** How much processor time the process has used, in nanoseconds; -1 where the system does not say. */
    long processorTime();

    /** How large the heap of the process may get, in bytes. */
    long maxHeap();

    /** Stops events of this worker until {@link #resumeEvents}, so that its process has to wait. */
    void pauseEvents();

    /** Lets events of this worker come again. */
    void resumeEvents();

    /** The worker is ready for its first call. */
    void ready();

    /**
     * The process ended before it was ready. Returns whether that may be the fault of what was meant to make it start
     * faster, which the next one does without.
     */
    boolean failedToStart();

    /** How the process ended. Called after its end. */
    Loss loss();

    /** What is left of a process that has ended. */
    interface Loss {
        /** How the process ended, in words, such as {@code killed by SIGKILL}. */
        String inWords();

        /** Whether its heap was full. */
        boolean heapWasFull();

        /** Whether it was killed since it had more memory than its limit. */
        boolean exceededLimit();

        /** What it printed last, headed by a line that says so; empty if nothing is known. */
        String lastOutput();

        /**
         * Where its crash report is, and how that begins; empty if there is none. Reads and moves files, so it is
         * called on a thread that may wait.
         */
        String report();

        /**
         * The exception for the call that it ran. May read files, so it is called on a thread that may wait.
         *
         * @param details what the pool knows, in words that follow "killed by SIGKILL"
         */
        dev.offloop.process.WorkerCrashedException crash(String details);

        /** The exception for a call whose arguments filled the heap. */
        dev.offloop.process.WorkerOutOfMemoryException outOfMemory(String message);
    }
}
