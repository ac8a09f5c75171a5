package dev.offloop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints which calls to offload, which not, and where. */
@Command(
        name = "advice",
        description = "Prints which calls of a program should be offloaded, which not, and where.",
        mixinStandardHelpOptions = true)
final class AdviceCommand implements Callable<Integer> {

    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(paramLabel = "PID", description = "The program.")
    long pid;

    @Option(names = "--json", description = "Write JSON.")
    boolean json;

    @Override
    public Integer call() throws LookException {
        JsonNode answer = Target.of(pid).ask("advice");
        Output.of(spec)
                .println(
                        json
                                ? answer.path("findings").toString()
                                : answer.path("report").asText());
        return 0;
    }
}
