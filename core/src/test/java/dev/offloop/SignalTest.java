package dev.offloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.offloop.ChildJvm.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** How a program with a loop ends by a signal or by {@code System.exit}. */
@DisabledOnOs(OS.WINDOWS)
class SignalTest {

    private static Result signalled(String signal, String how) throws Exception {
        return ChildJvm.signal(SignalledProgram.class, signal, how);
    }

    @Test
    void sigtermRunsFinallyBlocksOfAllTasks() throws Exception {
        assertThat(signalled("TERM", "plain")).isEqualTo(new Result(143, "ready\nfinally\nchild's finally\n"));
    }

    @Test
    void sigtermEndsAtOnceWhereCancelOnShutdownIsOff() throws Exception {
        assertThat(signalled("TERM", "optedOut")).isEqualTo(new Result(143, "ready\n"));
    }

    @Test
    void sigtermWaitsABoundedTimeForATaskThatIgnoresIt() throws Exception {
        Result endless = signalled("TERM", "endless");
        assertThat(endless.exitCode()).isEqualTo(143);
        assertThat(endless.output())
                .as("names the task and its place")
                .containsPattern("task Task-1 awaits at .*SignalledProgram.body\\(SignalledProgram.java:\\d+");
        assertThat(signalled("TERM", "endlessBlocking").exitCode()).isEqualTo(143);
    }

    @Test
    void systemExitInAFinallyBlockDoesNotHoldSigtermUp() throws Exception {
        assertThat(signalled("TERM", "exitInFinally").exitCode()).isEqualTo(143);
    }

    @Test
    void uncaughtCtrlCEndsWithCode130AndNoStackTrace() throws Exception {
        assumeThat(ctrlCIsIgnored()).isFalse();
        assertThat(signalled("INT", "plain")).isEqualTo(new Result(130, "ready\nfinally\nchild's finally\n"));
    }

    @Test
    void codeThatCatchesCtrlCDecidesTheExitCode() throws Exception {
        assumeThat(ctrlCIsIgnored()).isFalse();
        assertThat(signalled("INT", "caught")).isEqualTo(new Result(7, "ready\nfinally\nchild's finally\ncaught\n"));
    }

    @Test
    void secondCtrlCDoesNotWait() throws Exception {
        assumeThat(ctrlCIsIgnored()).isFalse();
        assertThat(signalled("INT INT", "endless")).isEqualTo(new Result(130, "ready\n"));
    }

    @Test
    void systemExitInATaskEndsTheProgram() throws Exception {
        assertThat(signalled("", "exitInTask")).isEqualTo(new Result(5, ""));
    }

    @Test
    void systemExitInAnOffloadedFunctionEndsTheProgramAfterItsTasks() throws Exception {
        assertThat(signalled("", "exitInFunction")).isEqualTo(new Result(6, "child's finally\n"));
    }

    /** A shell that starts this JVM in the background of a script hands down that Ctrl-C is to be ignored. */
    private static boolean ctrlCIsIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(7).trim(), 16) & 2) != 0);
    }
}
