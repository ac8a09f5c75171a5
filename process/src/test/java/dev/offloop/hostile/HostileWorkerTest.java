package dev.offloop.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing that a worker does takes the pool with it: each attack in a JVM of its own, whose heap has 256 MB. */
class HostileWorkerTest {

    private static final long MAX_LOG = 1024 * 1024;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(HostileProgram.Scenario.class)
    @Timeout(120)
    void aPoolSurvives(HostileProgram.Scenario scenario) throws Exception {
        Path output = folder.resolve("output");
        Process program = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-ea",
                        "-Djava.io.tmpdir=" + Files.createDirectory(folder.resolve("tmp")),
                        "-cp",
                        System.getProperty("java.class.path"),
                        HostileProgram.class.getName(),
                        scenario.name()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = program.waitFor(100, TimeUnit.SECONDS);
        program.destroyForcibly();
        String text = Files.readString(output);
        String end = text.substring(Math.max(0, text.length() - 20_000));
        assertThat(ended).describedAs(end).isTrue();
        assertThat(text).describedAs(end).contains("survived");
        assertThat(program.exitValue()).isZero();
        assertThat(Files.size(output)).isLessThan(MAX_LOG);
        assertThat(folder.resolve("tmp")).isEmptyDirectory();
        if (scenario.name().contains("HASH_BOMB")) {
            assertThat(text).contains("still reads what a worker has sent"); // else it was none
        }
    }
}
