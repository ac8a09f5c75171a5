package dev.offloop.process.internal.io;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How a process ended. Java reports a death by signal <i>n</i> as exit code 128 + <i>n</i>, which a program may also
 * choose itself; a worker that ends in good order says so in the status that it shares, and then the code is its own.
 *
 * @param exitCode the code, or {@link #NONE} after a signal
 * @param signal the signal, or null
 * @param orderly whether the JVM shut down in good order
 */
record ExitStatus(int exitCode, @Nullable String signal, boolean orderly) {

    static final int NONE = -1;

    private static final int SIGNALLED = 128;
    private static final int OUT_OF_MEMORY = 3;

    private static final Map<Integer, String> SIGNALS = Map.ofEntries(
            Map.entry(1, "SIGHUP"),
            Map.entry(2, "SIGINT"),
            Map.entry(3, "SIGQUIT"),
            Map.entry(4, "SIGILL"),
            Map.entry(5, "SIGTRAP"),
            Map.entry(6, "SIGABRT"),
            Map.entry(7, "SIGBUS"),
            Map.entry(8, "SIGFPE"),
            Map.entry(9, "SIGKILL"),
            Map.entry(11, "SIGSEGV"),
            Map.entry(13, "SIGPIPE"),
            Map.entry(14, "SIGALRM"),
            Map.entry(15, "SIGTERM"),
            Map.entry(24, "SIGXCPU"),
            Map.entry(25, "SIGXFSZ"),
            Map.entry(31, "SIGSYS"));

    /** The signals that a JVM answers with an orderly exit. */
    private static boolean endsOrderly(int signal) {
        return signal == 1 || signal == 2 || signal == 15;
    }

    static ExitStatus of(int code, boolean orderly) {
        int signal = code - SIGNALLED;
        boolean bySignal = signal > 0 && (orderly ? endsOrderly(signal) : signal < 65);
        return bySignal
                ? new ExitStatus(NONE, SIGNALS.getOrDefault(signal, "signal " + signal), orderly)
                : new ExitStatus(code, null, orderly);
    }

    /** The pool starts its workers with {@code -XX:+ExitOnOutOfMemoryError}, which ends them so. */
    boolean heapWasFull() {
        return signal == null && !orderly && exitCode == OUT_OF_MEMORY;
    }

    OptionalInt code() {
        return exitCode == NONE ? OptionalInt.empty() : OptionalInt.of(exitCode);
    }

    Optional<String> signalName() {
        return Optional.ofNullable(signal);
    }

    String inWords() {
        if (exitCode == NONE && signal == null) {
            return "not ended";
        }
        if (signal != null) {
            return "killed by " + signal;
        }
        if (orderly) {
            return "exit code " + exitCode + ", by System.exit or a signal to end";
        }
        return "exit code " + exitCode;
    }
}
