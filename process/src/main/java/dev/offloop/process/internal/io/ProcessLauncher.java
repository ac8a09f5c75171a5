package dev.offloop.process.internal.io;

import dev.offloop.process.WorkerOutput;
import dev.offloop.process.internal.pool.Worker;
import dev.offloop.process.internal.wire.Handshake;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Starts the processes of workers. Blocks for some milliseconds. */
final class ProcessLauncher {

    private final LaunchOptions options;

    ProcessLauncher(LaunchOptions options) {
        this.options = options;
    }

    /**
     * Starts a process.
     *
     * @param group limits its memory; null for none
     * @param faster arguments that make it start faster
     */
    Process launch(Worker worker, @Nullable MemoryGroup group, PoolFolder folder, List<String> faster)
            throws IOException {
        List<String> more = new ArrayList<>(faster);
        more.add("-XX:ErrorFile=" + folder.crashReport(worker.number));
        more.add("-D" + Handshake.FOLDER + "=" + folder.path());
        List<String> command = new ArrayList<>(group == null ? List.of() : group.prefix());
        command.addAll(command(folder.path(), more));
        var builder = new ProcessBuilder(command);
        Path directory = options.directory();
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        set(builder.environment(), options.environment());
        WorkerEnvironment byIndex = options.environmentByIndex();
        if (byIndex != null) {
            byIndex.addTo(builder.environment(), worker.index());
        }
        if (!(options.output() instanceof WorkerOutput.Lines)) {
            builder.redirectOutput(Redirect.INHERIT).redirectError(Redirect.INHERIT);
        }
        return builder.start();
    }

    /** The command of a worker, but for what is different for each. */
    List<String> command() {
        return command(Path.of("FOLDER"), List.of());
    }

    private List<String> command(Path folder, List<String> more) {
        List<String> command = new ArrayList<>(options.limits().prefix());
        Bubblewrap sandbox = options.sandbox();
        if (sandbox != null) {
            command.addAll(sandbox.prefix(options.command(), more, folder));
        }
        command.addAll(options.command().worker(more));
        return command;
    }

    /** Sets variables; a null value removes one. */
    static void set(Map<String, String> environment, Map<String, ? extends @Nullable String> variables) {
        variables.forEach((variable, value) -> {
            if (value == null) {
                environment.remove(variable);
            } else {
                environment.put(variable, value);
            }
        });
    }

    /** Tells a process which worker it is. Its standard input ends after that, for its own children too. */
    void shakeHands(Worker worker, Process process, PoolFolder folder, String token) throws IOException {
        try (OutputStream in = process.getOutputStream()) {
            new Handshake(
                            folder.socket().toString(),
                            folder.status(worker.number).toString(),
                            worker.number,
                            worker.index(),
                            token,
                            ProcessHandle.current().pid())
                    .writeTo(in);
        }
    }
}
