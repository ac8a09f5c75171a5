package dev.offloop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints who waits for whom. */
@Command(
        name = "pstree",
        description = "Prints the tasks of a program: where each is, what it awaits, and where its workers are.",
        mixinStandardHelpOptions = true)
final class PstreeCommand implements Callable<Integer> {

    private static final int MAX_FRAMES = 8;

    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(paramLabel = "PID", description = "The program.")
    long pid;

    @Option(names = "--json", description = "Write JSON.")
    boolean json;

    @Override
    public Integer call() throws LookException {
        JsonNode answer = Target.of(pid).ask("tree");
        PrintWriter out = Output.of(spec);
        if (json) {
            out.println(answer);
            return 0;
        }
        for (JsonNode loop : answer.path("loops")) {
            int tasks = loop.path("tasks").asInt();
            out.println(Output.styled("bold", "event loop " + loop.path("name").asText()) + ", " + tasks
                    + (tasks == 1 ? " task" : " tasks"));
            loop.path("text").asText().lines().forEach(line -> out.println("  " + line));
        }
        for (JsonNode pool : answer.path("pools")) {
            out.println(Output.styled("bold", pool.path("name").asText()) + ", " + Screen.load(pool));
            for (JsonNode worker : pool.path("workers")) {
                out.println("  " + Screen.worker(worker));
                printFrames(worker.path("frames"), out);
            }
        }
        return 0;
    }

    /** The innermost; JSON has them all. */
    private static void printFrames(JsonNode frames, PrintWriter out) {
        for (int i = 0; i < Math.min(MAX_FRAMES, frames.size()); i++) {
            out.println("      at " + frames.get(i).asText());
        }
        if (frames.size() > MAX_FRAMES) {
            out.println("      ... " + (frames.size() - MAX_FRAMES) + " more");
        }
    }
}
