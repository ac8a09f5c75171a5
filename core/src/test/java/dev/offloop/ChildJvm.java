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
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        String engine = EventLoop.engine().toString();
        command.add("-Doffloop.engine=" + engine);
        if (engine.equals("carried")) {
            command.addAll(List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        File output = File.createTempFile("offloop-child", ".txt");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly().waitFor();
            }
            return new Result(process.exitValue(), Files.readString(output.toPath()));
        } finally {
            Files.delete(output.toPath());
        }
    }
}
