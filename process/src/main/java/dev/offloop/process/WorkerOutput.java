package dev.offloop.process;

import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Decides where the lines go that workers, and native code in them, write to their standard output and error.
 * {@link ProcessPoolExecutor.Builder#output} sets it.
 *
 * <p>For all but {@link #inherited}:
 *
 * <ul>
 *   <li>One thread of the pool reads the output of all workers, line by line, and passes on one line at a time. A
 *       worker that writes faster than its lines are taken waits.
 *   <li>A line of more than 16 kB may be passed on in pieces. Bytes become text in the default charset of this process.
 *   <li>What a worker has written before it died is not lost. Its last 20 lines are in the message of a
 *       {@link WorkerStartException} and of a {@link WorkerCrashedException}.
 * </ul>
 */
public sealed interface WorkerOutput {

    /**
     * Holds one line that a worker has written.
     *
     * @param worker the number of the worker in its pool, from 1
     * @param pid the process id of the worker
     * @param error whether the line was written to standard error
     * @param text the line, without its end
     */
    record Line(long worker, long pid, boolean error, String text) {}

    /**
     * Returns the default: each line goes to {@code System.out} or {@code System.err} of this process, with the
     * worker's number in front.
     *
     * @return the output
     */
    static WorkerOutput prefixed() {
        return new Lines(line -> {
            @SuppressWarnings("SystemOut") // which is what was asked for
            PrintStream stream = line.error() ? System.err : System.out;
            stream.println("[worker " + line.worker() + "] " + line.text());
        });
    }

    /**
     * Returns an output to a logger of this process, the parent: each line goes to the logger
     * {@code dev.offloop.worker}, standard output as INFO, standard error as WARNING, with the worker's number in
     * front.
     *
     * <p>It is a {@link System.Logger}, so {@code java.util.logging} or whatever this process has put in its place
     * writes the lines. It is called on the pool's output thread, so a slow logger makes the workers wait.
     *
     * <p>This is about what workers print, not about loggers in workers. A worker is a JVM of its own, and its loggers
     * are configured as in any JVM: by what is on its class path and by its system properties, which are not those of
     * this process but those of {@link ProcessPoolExecutor.Builder#jvmArguments}. What they print to standard output is
     * passed on like any other line, with the format of the worker's logger inside of that of the parent's.
     *
     * <p>In a worker of a Spring Boot jar, Spring Boot's logging system is not started, since no application context
     * is. SLF4J and Logback use the configuration that they find on the class path by themselves: {@code logback.xml},
     * but neither {@code logback-spring.xml} nor {@code application.yml}. Without a {@code logback.xml} Logback prints
     * all levels from DEBUG to the worker's standard output, which this process reads. A {@code logback.xml} that
     * writes to a file makes this process and its workers write to the same one.
     *
     * @return the output
     */
    static WorkerOutput logged() {
        System.Logger logger = System.getLogger("dev.offloop.worker");
        return new Lines(line -> logger.log(
                line.error() ? Level.WARNING : Level.INFO, () -> "[worker " + line.worker() + "] " + line.text()));
    }

    /**
     * Returns an output to a listener.
     *
     * <ul>
     *   <li>The listener is called on the pool's output thread, for one line after the other. While it runs, workers
     *       that print may have to wait.
     *   <li>What it throws is logged by the logger {@code dev.offloop}, and the next line is passed on.
     * </ul>
     *
     * @param listener gets the lines of all workers
     * @return the output
     */
    static WorkerOutput to(Consumer<? super Line> listener) {
        Objects.requireNonNull(listener, "listener");
        var lock = new ReentrantLock(); // sessions have output threads of their own
        return new Lines(line -> {
            lock.lock();
            try {
                listener.accept(line);
            } finally {
                lock.unlock();
            }
        });
    }

    /**
     * Returns an output that drops the lines. The last lines are in the messages of exceptions all the same.
     *
     * @return the output
     */
    static WorkerOutput discarded() {
        return new Lines(_ -> {});
    }

    /**
     * Returns an output that gives workers the standard output and error of this process itself, be it a file or a
     * terminal. The pool does not read what workers print, so exceptions do not have their last lines.
     *
     * @return the output
     */
    static WorkerOutput inherited() {
        return new Inherited();
    }

    /**
     * Makes the pool read the output line by line. {@link #to} and others return it.
     *
     * @param listener gets the lines, on the pool's output thread
     */
    record Lines(Consumer<? super Line> listener) implements WorkerOutput {}

    /** Makes workers use the standard output and error of this process. {@link #inherited} returns it. */
    record Inherited() implements WorkerOutput {}
}
