package dev.offloop.process.internal.io;

import dev.offloop.process.WorkerDebug;
import dev.offloop.process.WorkerOutput;
import dev.offloop.process.internal.util.Log;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's agent for debuggers, in the JVM of a worker. It listens at a free port of this machine, and prints which
 * one that is, at the start and whenever a debugger has detached.
 */
public final class DebugAgent {

    private static final String AGENT = "-agentlib:jdwp=transport=dt_socket,server=y,address=127.0.0.1:0,suspend=";
    private static final String LISTENING = "Listening for transport dt_socket at address: ";
    private static final long LONGEST_WAIT_MILLIS = TimeUnit.HOURS.toMillis(1);

    private DebugAgent() {}

    /** The argument of a JVM that loads it. */
    static String argument(WorkerDebug debug) {
        return AGENT + (debug == WorkerDebug.SUSPEND ? "y,timeout=" + LONGEST_WAIT_MILLIS : "n");
    }

    /** Whether an argument of a user loads it, of which a JVM can have one. */
    static boolean isIn(String argument) {
        return argument.startsWith("-agentlib:jdwp") || argument.startsWith("-Xrunjdwp");
    }

    /** Takes the agent's own lines out of what workers print, and logs them with the worker they are about. */
    public static WorkerOutput logging(String pool, WorkerOutput output) {
        return output instanceof WorkerOutput.Lines(var lines)
                ? new WorkerOutput.Lines(new Logging(pool, lines))
                : output; // nothing is read then: the agent's line is printed where this process prints
    }

    private record Logging(String pool, Consumer<? super WorkerOutput.Line> lines)
            implements Consumer<WorkerOutput.Line> {

        @Override
        public void accept(WorkerOutput.Line line) {
            String port = portIn(line);
            if (port == null) {
                lines.accept(line);
            } else {
                Log.OFFLOOP.log(
                        System.Logger.Level.INFO,
                        "Worker " + line.worker() + " (process " + line.pid() + ") of the process pool '" + pool
                                + "' can be debugged: attach to localhost:" + port);
            }
        }
    }

    private static @Nullable String portIn(WorkerOutput.Line line) {
        String text = line.text();
        return !line.error() && text.startsWith(LISTENING)
                ? text.substring(text.lastIndexOf(' ') + 1).replaceFirst(".*:", "")
                : null;
    }
}
