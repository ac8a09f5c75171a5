package dev.offloop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the programs of this user that run event loops. */
@Command(name = "ps", description = "Lists this user's programs with an event loop.", mixinStandardHelpOptions = true)
final class PsCommand implements Callable<Integer> {

    private static final int MAX_COMMAND = 120;

    @Spec
    @Nullable
    CommandSpec spec;

    @Option(names = "--json", description = "Write JSON.")
    boolean json;

    private record Row(JavaProcess process, @Nullable JsonNode status) {}

    @Override
    public Integer call() throws Exception {
        List<Row> rows = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Row>> answers = new ArrayList<>();
            for (JavaProcess process : JavaProcess.all()) {
                answers.add(threads.submit(() -> new Row(process, statusOrNull(process))));
            }
            for (Future<Row> answer : answers) {
                rows.add(answer.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        if (!JavaProcess.hasProc()) {
            rows.removeIf(row -> row.status() == null); // a Java program without a loop
        }
        PrintWriter out = Output.of(spec);
        if (json) {
            out.println(json(rows));
        } else if (rows.isEmpty()) {
            out.println("No program of this user runs an event loop of Offloop");
        } else {
            print(rows, out);
        }
        return 0;
    }

    private static @Nullable JsonNode statusOrNull(JavaProcess process) {
        try {
            return Target.of(process.pid()).ask("status");
        } catch (LookException noAnswer) {
            return null;
        }
    }

    /** Without the class path, which is longer than all else. */
    private static String shortened(String command) {
        String line = command.replaceAll(" (-cp|-classpath|--class-path|-p|--module-path) \\S+", "");
        return line.length() <= MAX_COMMAND ? line : line.substring(0, MAX_COMMAND - 1) + "…";
    }

    private static ArrayNode json(List<Row> rows) {
        ArrayNode all = Target.JSON.createArrayNode();
        for (Row row : rows) {
            ObjectNode one = all.addObject();
            one.put("pid", row.process().pid());
            one.put("command", row.process().command());
            if (row.status() != null) {
                one.set("status", row.status());
            }
        }
        return all;
    }

    private static void print(List<Row> rows, PrintWriter out) {
        out.printf("%8s %6s %6s %5s  %s%n", "PID", "LOOPS", "TASKS", "BUSY", "COMMAND");
        for (Row row : rows) {
            JsonNode status = row.status();
            String command = row.process().command();
            if (status == null) {
                out.printf("%8d %6s %6s %5s  %s%n", row.process().pid(), "?", "?", "?", shortened(command));
                continue;
            }
            long tasks = 0;
            double busy = 0;
            for (JsonNode loop : status.path("loops")) {
                tasks += loop.path("tasks").asLong();
                busy = Math.max(busy, loop.path("utilization").asDouble());
            }
            String main = status.path("command").asText();
            out.printf(
                    "%8d %6d %6d %4.0f%%  %s%n",
                    row.process().pid(),
                    status.path("loops").size(),
                    tasks,
                    busy * 100,
                    main.isEmpty() ? command : main);
        }
    }
}
