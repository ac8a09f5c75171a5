package dev.offloop;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a main class of the tests in a JVM of its own, on the same engine. */
public final class ChildJvm {

    private ChildJvm() {}

    /** How it ended, and what it wrote. */
    public record Result(int exitCode, String output) {}

    /** Runs the class and waits for its end, for at most two minutes. */
    public static Result run(Class<?> main, Map<String, String> environment, String... options)
            throws IOException, InterruptedException {
        return resultOf(main, environment, List.of(options), List.of(), _ -> {});
    }

    /**
     * Runs the class with an argument, sends it signals, separated by spaces, once it has written "ready", and waits
     * for its end, for at most 40 seconds: a result of 137 says that it did not end.
     */
    public static Result signal(Class<?> main, String signals, String argument, String... options)
            throws IOException, InterruptedException {
        return resultOf(main, Map.of(), List.of(options), List.of(argument), process -> {
            for (String signal : signals.isEmpty() ? new String[0] : signals.split(" ")) {
                new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor();
                Thread.sleep(300); // the same signal twice at once would be one
            }
        });
    }

    private interface Ready {
        void accept(Process process) throws IOException, InterruptedException;
    }

    private static Result resultOf(
            Class<?> main, Map<String, String> environment, List<String> options, List<String> arguments, Ready ready)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        String engine = EventLoop.engine().toString();
        command.add("-Doffloop.engine=" + engine);
        if (engine.equals("carried")) {
            command.addAll(List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        File output = File.createTempFile("offloop-child", ".txt");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!arguments.isEmpty()) {
                for (int i = 0;
                        i < 3000
                                && process.isAlive()
                                && !Files.readString(output.toPath()).contains("ready");
                        i++) {
                    Thread.sleep(10);
                }
            }
            ready.accept(process);
            if (!process.waitFor(arguments.isEmpty() ? 120 : 40, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            return new Result(process.exitValue(), Files.readString(output.toPath()));
        } finally {
            process.destroyForcibly().waitFor();
            Files.delete(output.toPath());
        }
    }
}
