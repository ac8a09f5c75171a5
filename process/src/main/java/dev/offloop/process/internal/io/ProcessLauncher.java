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

/** Starts workers as processes. */
final class ProcessLauncher implements Launcher {

    private final LaunchOptions options;

    ProcessLauncher(LaunchOptions options) {
        this.options = options;
    }

    @Override
    public Process launch(Worker worker, @Nullable MemoryGroup group, PoolFolder folder, List<String> faster)
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

    @Override
    public String inWords() {
        return ". The command was: " + String.join(" ", command(Path.of("FOLDER"), List.of()));
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
    @Override
    public void shakeHands(Worker worker, Process process, PoolFolder folder, String token) throws IOException {
        try (OutputStream in = process.getOutputStream()) {
            Launcher.handshake(worker, folder, token).writeTo(in);
        }
    }
}
