package dev.offloop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Commands that look at programs of their own. */
class ToolTest {

    private static Started program = null;

    @TempDir
    private Path folder;

    private record Result(int exitCode, String out, String err) {}

    @BeforeAll
    static void start() throws IOException {
        program = Started.ready(Program.class, List.of());
    }

    @AfterAll
    static void end() {
        program.close();
    }

    private static Result run(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        int exitCode = line.execute(args);
        return new Result(exitCode, out.toString(), err.toString());
    }

    private static JsonNode json(String... args) throws IOException {
        Result result = run(args);
        assertThat(result.exitCode()).as(result.err()).isZero();
        return Target.JSON.readTree(result.out());
    }

    @Test
    void psListsTheProgramWithItsLoopAndTasks() throws IOException {
        Result result = run("ps");
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).containsPattern(program.pid() + " +1 +4 .*Program");
        JsonNode listed = null;
        for (JsonNode each : json("ps", "--json")) {
            listed = each.path("pid").asText().equals(program.pid()) ? each : listed;
        }
        assertThat(listed).isNotNull();
        assertThat(listed.at("/status/loops/0/tasks").asInt()).isEqualTo(4);
    }

    @Test
    void pstreeShowsTasksThreadsAndWorkersWithTheirLines() {
        Result result = run("pstree", program.pid());
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .contains("event loop offloop, 4 tasks")
                .containsPattern("an offloaded function runs on thread 'offloop-pool-1-0' at "
                        + "dev\\.offloop\\.cli\\.Program\\.readSlowly\\(Program\\.java:\\d+\\)")
                .containsPattern("runs in worker 1 \\(pid \\d+\\) of process pool 'offloop-processes-1' at "
                        + "dev\\.offloop\\.cli\\.Program\\.readSlowly\\(Program\\.java:\\d+\\)")
                .containsPattern("task ticker .*, for sleep\\(…\\) \\(created by task Task-1\\)")
                .containsPattern("worker 1 +pid \\d+ +busy");
    }

    @Test
    void pstreeWritesJson() throws IOException {
        JsonNode tree = json("pstree", program.pid(), "--json");
        assertThat(tree.at("/loops/0/tree/0/name").asText()).isEqualTo("task Task-1");
        assertThat(tree.at("/pools/0/workers/0/frames/0").asText()).contains("Program.readSlowly");
    }

    @Test
    void topShowsLoopsExecutorsAndPools() {
        Result result = run("top", program.pid(), "--delay", "0.3");
        assertThat(result.out())
                .containsPattern("offloop +\\d+% .* 4 +\\d+ +\\d+ +\\d+\n")
                .containsPattern("default executor \\(offloop-pool-1\\) +1 of \\d+ active, 0 queued, 1 calls")
                .containsPattern("process pool 'offloop-processes-1' +1 of 1 active");
    }

    @Test
    void adviceHasNothingAgainstCallsThatAreOffloadedWell() throws IOException {
        assertThat(run("advice", program.pid()).exitCode()).isZero();
        for (JsonNode finding : json("advice", program.pid(), "--json")) {
            assertThat(finding.path("kind").asText()).isEqualTo("NEVER_OFFLOADED"); // on a slow machine, its start
        }
    }

    @Test
    void recordingIsShownAgain() throws IOException {
        Path file = folder.resolve("recording.jfr");
        Result result = run("record", program.pid(), file.toString(), "--seconds", "3");
        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(file).isNotEmptyFile();
        assertThat(run("top", "--file", file.toString()).out())
                .contains("offloop top, " + file)
                .contains("process pool 'offloop-processes-1'");
        assertThat(run("top", "--file", file.toString(), "--json").out().lines())
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(line -> assertThat(
                                Target.JSON.readTree(line).path("loops").size())
                        .isEqualTo(1));
        assertThat(run("record", program.pid(), file.toString()).exitCode()).isEqualTo(2); // it is there already
    }

    @Test
    void blockedLoopIsShown() throws Exception {
        try (Started blocked = Started.ready(Program.class, List.of(), "blocks")) {
            Thread.sleep(1_500);
            assertThat(run("pstree", blocked.pid()).out())
                    .containsPattern("task Task-1 runs at dev\\.offloop\\.cli\\.Program\\.readSlowly");
            assertThat(run("top", blocked.pid(), "--delay", "0.3").out())
                    .containsPattern("offloop +(9\\d|100)% .* [1-9]\n");
            assertThat(run("advice", blocked.pid()).out()).contains("NEVER_OFFLOADED", "Program.readSlowly");
        }
    }

    @Test
    void blockedLoopOfThePortableEngineIsShown() throws Exception {
        List<String> portable = List.of("-Doffloop.engine=portable");
        try (Started blocked = Started.ready(Program.class, portable, "blocks")) {
            assertThat(run("pstree", blocked.pid()).out())
                    .containsPattern("task Task-1 runs at dev\\.offloop\\.cli\\.Program\\.readSlowly");
        }
    }

    @Test
    void suspendedProgramGivesOneLineInBoundedTime() throws Exception {
        try (Started suspended = Started.ready(Program.class, List.of())) {
            assertThat(run("pstree", suspended.pid()).exitCode()).isZero();
            suspended.signal("STOP");
            Target.longestWait = Duration.ofSeconds(2);
            Result result = run("pstree", suspended.pid());
            Target.longestWait = Duration.ofSeconds(10);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err()).contains("did not answer within 2 s").hasLineCount(1);
        }
    }

    @Test
    void socketOfAKilledProgramIsRemovedByTheNextLook() throws Exception {
        Path socket;
        try (Started killed = Started.ready(Program.class, List.of());
                Started other = Started.ready(Program.class, List.of())) {
            socket = new JavaProcess(Long.parseLong(killed.pid())).folder().resolve(killed.pid() + ".sock");
            assertThat(run("pstree", killed.pid()).exitCode()).isZero();
            assertThat(socket).exists();
            killed.kill();
            assertThat(run("pstree", other.pid()).exitCode()).isZero();
        }
        assertThat(Files.exists(socket)).isFalse();
    }

    @Test
    void processThatCannotBeLookedAtGivesOneLine() {
        assertThat(run("pstree", "999999999").err())
                .isEqualToIgnoringNewLines(
                        "offloop: There is no process 999999999. 'offloop ps' lists those with an event loop");
        long me = ProcessHandle.current().pid();
        Result none = run("top", Long.toString(me));
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).contains("runs no event loop of Offloop").hasLineCount(1);
    }

    @Test
    void wrongCommandLineHasExitCodeTwo() {
        assertThat(run("pstree", "abc").exitCode()).isEqualTo(2);
        assertThat(run("pstree").exitCode()).isEqualTo(2);
        assertThat(run("top").exitCode()).isEqualTo(2);
        assertThat(run("top", "1", "--delay", "0").exitCode()).isEqualTo(2);
        assertThat(run("record", "1", "/no/such/folder/x.jfr").exitCode()).isEqualTo(2);
        assertThat(run("frobnicate").exitCode()).isEqualTo(2);
    }

    @Test
    void fileThatIsNoRecordingGivesOneLine() throws IOException {
        Path file = Files.writeString(folder.resolve("x.jfr"), "no recording");
        Result result = run("top", "--file", file.toString());
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("is not a recording").hasLineCount(1);
        assertThat(run("top", "--file", folder.resolve("none").toString()).err())
                .contains("There is no file");
    }
}
