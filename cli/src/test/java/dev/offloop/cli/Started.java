package dev.offloop.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of a test, with what it writes. */
final class Started implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;

    private Started(Process process) {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts a class of the tests, with JVM options, and waits until it writes "ready". */
    static Started ready(Class<?> main, List<String> options, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(java());
        command.addAll(options);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        var started = new Started(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
        String line = started.output.readLine();
        if (!"ready".equals(line)) {
            started.close();
            throw new IOException("The program wrote: " + line);
        }
        return started;
    }

    /** What starts a JVM with the class path of the tests. */
    static List<String> java() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"));
    }

    String pid() {
        return Long.toString(process.pid());
    }

    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, pid()).start().waitFor();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
