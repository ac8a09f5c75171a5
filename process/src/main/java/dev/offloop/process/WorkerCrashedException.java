package dev.offloop.process;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The worker process ended while it ran this call: a crash of native code, a kill, {@code System.exit} in the function,
 * or its memory was full. The other calls and workers are not touched, and another worker takes its place.
 *
 * <p>The call is not tried again: it may have had effects. Answers to {@code BrokenProcessPool}, which breaks every call
 * and the pool.
 */
public sealed class WorkerCrashedException extends ProcessCallException permits WorkerOutOfMemoryException {

    private static final long serialVersionUID = 1;

    private final long pid;
    private final int exitCode;
    private final @Nullable String signal;

    WorkerCrashedException(long pid, ExitStatus status, String details) {
        super("Worker process " + pid + " ended while it ran the function: " + status.inWords() + details, null);
        this.pid = pid;
        this.exitCode = status.exitCode();
        this.signal = status.signal();
    }

    /** The process id of the worker. */
    public long pid() {
        return pid;
    }

    /** The exit code, if the process ended by itself. */
    public OptionalInt exitCode() {
        return exitCode == ExitStatus.NONE ? OptionalInt.empty() : OptionalInt.of(exitCode);
    }

    /** The signal that ended the process, such as {@code SIGKILL} or {@code SIGSEGV}, if one did. */
    public Optional<String> signal() {
        return Optional.ofNullable(signal);
    }
}
