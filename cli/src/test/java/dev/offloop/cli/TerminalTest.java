package dev.offloop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The full screen, on a terminal that the program {@code script} makes. */
class TerminalTest {

    private final StringBuffer screen = new StringBuffer();

    private Process tool(String command) throws IOException, InterruptedException {
        assumeTrue(has("script"), "There is no program 'script' to make a terminal with");
        String line = String.join(" ", Started.java()) + " " + Main.class.getName() + " " + command;
        var builder = new ProcessBuilder("script", "-qec", line, "/dev/null").redirectErrorStream(true);
        builder.environment().put("TERM", "xterm-256color");
        Process process = builder.start();
        Thread.ofPlatform().daemon().start(() -> read(process.getInputStream()));
        return process;
    }

    private static boolean has(String program) throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", "command -v " + program).start().waitFor() == 0;
    }

    private void read(InputStream in) {
        byte[] bytes = new byte[10_000];
        try {
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                screen.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
            }
        } catch (IOException closed) {
            // it has ended
        }
    }

    private static void press(Process tool, String keys) throws IOException {
        OutputStream in = tool.getOutputStream();
        in.write(keys.getBytes(StandardCharsets.US_ASCII));
        in.flush();
    }

    @Test
    void topFillsTheScreenUntilQ() throws Exception {
        try (Started program = Started.ready(Program.class, List.of())) {
            Process top = tool("top " + program.pid() + " -d 0.2");
            await().atMost(Duration.ofSeconds(40)).until(() -> screen.toString().contains("process pool"));
            press(top, "q");
            assertThat(top.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(top.exitValue()).isZero();
            assertThat(screen.toString())
                    .contains("\u001b[?1049h", "\u001b[1m") // the other screen, bold letters
                    .contains("offloop top, process " + program.pid())
                    .contains("\u001b[?1049l"); // and back
        }
    }

    @Test
    void commandsHaveColoursOnATerminalOnly() throws Exception {
        try (Started program = Started.ready(Program.class, List.of())) {
            Process tree = tool("pstree " + program.pid());
            assertThat(tree.waitFor(40, TimeUnit.SECONDS)).isTrue();
            await().atMost(Duration.ofSeconds(10)).until(() -> screen.toString().contains("worker 1"));
            assertThat(screen.toString()).contains("\u001b[1mevent loop offloop");
        }
    }
}
