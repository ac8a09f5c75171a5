package dev.offloop.process;

import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What becomes of the lines that workers, and native code in them, write to their standard output and error.
 *
 * <ul>
 *   <li>All but {@link #inherited} are read by one thread of the pool, line by line, so a worker that writes much neither
 *       blocks for good nor fills a disk; one that writes faster than its lines are taken waits.
 *   <li>What a worker has written before it died is not lost. Its last lines are in the message of a {@link
 *       WorkerStartException} and of a {@link WorkerCrashedException}.
 * </ul>
 */
public sealed interface WorkerOutput {

    /**
     * A line.
     *
     * @param worker the worker's number in its pool, from 1
     * @param pid its process id
     * @param error whether it was written to standard error
     * @param text the line, without its end
     */
    record Line(long worker, long pid, boolean error, String text) {}

    /** To this process's {@code System.out} and {@code System.err}, each line with the worker's number in front. */
    static WorkerOutput prefixed() {
        return new Lines(line -> {
            @SuppressWarnings("SystemOut") // which is what was asked for
            PrintStream stream = line.error() ? System.err : System.out;
            stream.println("[worker " + line.worker() + "] " + line.text());
        });
    }

    /** To the logger {@code dev.offloop.worker}: standard output as INFO, standard error as WARNING. */
    static WorkerOutput logged() {
        System.Logger logger = System.getLogger("dev.offloop.worker");
        return new Lines(line -> logger.log(
                line.error() ? Level.WARNING : Level.INFO, () -> "[worker " + line.worker() + "] " + line.text()));
    }

    /** To a listener, on the pool's thread for this: while it runs, the workers' writers wait. */
    static WorkerOutput to(Consumer<? super Line> listener) {
        return new Lines(Objects.requireNonNull(listener, "listener"));
    }

    /** Nowhere. The last lines are kept all the same. */
    static WorkerOutput discarded() {
        return new Lines(_ -> {});
    }

    /** To the files or terminals that are this process's own standard output and error, untouched. */
    static WorkerOutput inherited() {
        return new Inherited();
    }

    /** Read line by line. */
    record Lines(Consumer<? super Line> listener) implements WorkerOutput {}

    /** Not read at all. */
    record Inherited() implements WorkerOutput {}
}
