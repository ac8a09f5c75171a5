package dev.offloop.process;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Reports that a worker process ended while it ran this call: it crashed in native code, it was killed, the function
 * called {@code System.exit}, its memory was full, it gave no sign of life, or it sent what it may not send.
 *
 * <ul>
 *   <li>The message has the exit code or the signal, the reason where the pool killed the process, the last lines that
 *       the worker printed, and the place and the first lines of the JVM's crash report if there is one. The report is
 *       moved to the temp folder, where it outlives the pool.
 *   <li>Other calls and workers are not affected. Another worker is started when a call needs one.
 *   <li>The call is not repeated, since it may have had effects; {@link CallOptions#retryOnCrash} allows it.
 * </ul>
 *
 * <p>Counterpart of {@code BrokenProcessPool}, which breaks every call and the pool.
 */
public sealed class WorkerCrashedException extends ProcessCallException permits WorkerOutOfMemoryException {

    private static final long serialVersionUID = 1;

    private final long pid;
    private final int exitCode;
    private final boolean exited;
    private final @Nullable String signal;

    /**
     * Used by pools.
     *
     * @param message what happened
     * @param pid the process id of the worker
     * @param exitCode its exit code, if it ended by itself
     * @param signal the signal that ended it, if one did
     */
    public WorkerCrashedException(String message, long pid, OptionalInt exitCode, Optional<String> signal) {
        super(message, null);
        this.pid = pid;
        this.exited = exitCode.isPresent();
        this.exitCode = exitCode.orElse(0);
        this.signal = signal.orElse(null);
    }

    /**
     * Returns the process id of the worker.
     *
     * @return the process id
     */
    public long pid() {
        return pid;
    }

    /**
     * Returns the exit code, if the process ended by itself.
     *
     * @return the exit code; empty if a signal ended the process, or it was not seen to end
     */
    public OptionalInt exitCode() {
        return exited ? OptionalInt.of(exitCode) : OptionalInt.empty();
    }

    /**
     * Returns the signal that ended the process, such as {@code SIGKILL} or {@code SIGSEGV}, if one did.
     *
     * @return the name of the signal; empty if the process ended by itself
     */
    public Optional<String> signal() {
        return Optional.ofNullable(signal);
    }
}
