package dev.offloop.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.Engine;
import dev.offloop.EventLoop;
import dev.offloop.Runner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Which engine a program gets, and what the log says about it. In JVMs of their own: the choice is made once in each.
 */
class EngineChoiceTest {

    private static String outputOf(String wanted, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Program.class.getName(), wanted));
        Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            assertThat(jvm.waitFor(40, TimeUnit.SECONDS)).as("it has ended").isTrue();
            return new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            jvm.destroyForcibly();
        }
    }

    @Test
    void portableEngineThatTheProgramDidNotAskForIsLoggedOnceWithTheFlag() throws Exception {
        String output = outputOf("any");
        assertThat(output)
                .contains(
                        "INFO", "portable, since java.lang is not open", "--add-opens java.base/java.lang=ALL-UNNAMED")
                .contains("runs on portable");
        assertThat(output.split("Coroutine engine", -1)).as("once").hasSize(2);
    }

    @Test
    void engineThatTheProgramAskedForIsNotLogged() throws Exception {
        assertThat(outputOf("any", "-Doffloop.engine=portable")).isEqualTo("runs on portable\nruns on portable\n");
        assertThat(outputOf("portable")).isEqualTo("runs on portable\nruns on portable\n");
        assertThat(outputOf("any", "--add-opens", "java.base/java.lang=ALL-UNNAMED"))
                .isEqualTo("runs on carried\nruns on carried\n");
    }

    @Test
    void anotherJdkIsAWarning() {
        EngineChoice.Notice notice = EngineChoice.notice(true);
        assertThat(notice.level()).isEqualTo(System.Logger.Level.WARNING);
        assertThat(notice.message())
                .contains("although java.lang is open", Runtime.version().toString());
    }

    /** Runs two loops, on the engine that its argument asks for. */
    static final class Program {
        public static void main(String[] args) throws Exception {
            for (int i = 0; i < 2; i++) {
                Runner.Builder builder = Runner.builder();
                if (args[0].equals("portable")) {
                    builder.engine(Engine.PORTABLE);
                }
                try (var runner = builder.build()) {
                    runner.run(() -> IO.println("runs on " + EventLoop.engine()));
                }
            }
        }
    }
}
