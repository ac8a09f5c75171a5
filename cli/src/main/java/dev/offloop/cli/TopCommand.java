package dev.offloop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a program's loops do, again and again. */
@Command(
        name = "top",
        description = {
            "Shows what a program's event loops, executors and workers do, live.",
            "q ends it; with --file, space stops and goes on, and left and right step."
        },
        mixinStandardHelpOptions = true)
final class TopCommand implements Callable<Integer> {

    private static final String STATUS_EVENT = "dev.offloop.Status";

    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "PID", description = "The program.")
    @Nullable
    Long pid;

    @Option(names = "--file", paramLabel = "FILE", description = "Show a recording made by 'offloop record' instead.")
    @Nullable
    Path file;

    @Option(
            names = {"-d", "--delay"},
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "The time between two screens; ${DEFAULT-VALUE} by default.")
    double delay;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "How many screens; on a terminal until q, else one, if it is not given.")
    @Nullable
    Integer count;

    @Option(names = "--json", description = "Write JSON, a line for each screen.")
    boolean json;

    @Override
    public Integer call() throws LookException, IOException, InterruptedException {
        if ((pid == null) == (file == null)) {
            throw usage("Give a PID, or a recording with --file");
        }
        if (!(delay >= 0.1 && delay <= 3_600)) {
            throw usage("The delay must be from 0.1 to 3600 seconds: " + delay);
        }
        if (count != null && count < 1) {
            throw usage("At least one screen is needed: " + count);
        }
        Duration pause = Duration.ofMillis(Math.round(delay * 1_000));
        Path file = this.file;
        StatusSource source = file != null ? recorded(file) : live(Objects.requireNonNull(pid));
        if (Output.isTerminal() && !json && count == null) {
            new LiveScreen(source, pause).run();
            return 0;
        }
        print(source, pause);
        return 0;
    }

    private ParameterException usage(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    private static StatusSource live(long pid) throws LookException {
        Target target = Target.of(pid);
        return StatusSource.live("process " + pid, () -> target.ask("status"));
    }

    private static StatusSource recorded(Path file) throws LookException {
        List<JsonNode> all = new ArrayList<>();
        if (!Files.isRegularFile(file)) {
            throw new LookException("There is no file " + file);
        }
        try (var recording = new RecordingFile(file)) {
            while (recording.hasMoreEvents()) {
                RecordedEvent event = recording.readEvent();
                if (event.getEventType().getName().equals(STATUS_EVENT)) {
                    all.add(Target.JSON.readTree(event.getString("json")));
                }
            }
        } catch (IOException | RuntimeException e) {
            throw new LookException(file + " is not a recording: " + e.getMessage());
        }
        if (all.isEmpty()) {
            throw new LookException(file + " has no status of an Offloop program: record it with 'offloop record'");
        }
        all.sort(java.util.Comparator.comparingDouble(
                status -> status.path("uptime").asDouble()));
        return StatusSource.recorded(file.toString(), all);
    }

    private void print(StatusSource source, Duration pause) throws LookException, InterruptedException {
        PrintWriter out = Output.of(spec);
        int screens = count != null ? count : json && file != null ? Integer.MAX_VALUE : 1;
        JsonNode before = null;
        if (!json && file == null) { // rates need two looks
            before = source.next();
            Thread.sleep(pause);
        } else if (!json && count == null) { // the whole recording in one screen
            before = source.next();
            source.toLast();
        }
        for (int i = 0; i < screens; i++) {
            if (i > 0 && file == null) {
                Thread.sleep(pause);
            }
            JsonNode status = source.next();
            if (status == null) {
                break;
            }
            if (json) {
                out.println(status);
            } else {
                Screen.lines(status, before, source.heading()).forEach(out::println);
                out.println();
            }
            out.flush();
            before = status;
        }
    }
}
