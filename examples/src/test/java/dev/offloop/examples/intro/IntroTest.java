package dev.offloop.examples.intro;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class IntroTest {

    private static final Duration HANG = Duration.ofSeconds(40);

    private interface Program {
        void main() throws Exception;
    }

    private record Run(String output, Duration time) {

        static Run of(Program program) throws Exception {
            var bytes = new ByteArrayOutputStream();
            PrintStream before = System.out;
            long start = System.nanoTime();
            System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
            try {
                program.main();
            } finally {
                System.setOut(before);
            }
            return new Run(bytes.toString(StandardCharsets.UTF_8), Duration.ofNanos(System.nanoTime() - start));
        }
    }

    @Test
    void blockingCallsRunBesideEachOther() throws Exception {
        Run run = Run.of(BlockingCalls::main);
        assertThat(run.output()).isEqualTo("""
                Operation completed after 2 seconds
                [Operation completed after 3 seconds, Operation completed after 1 seconds]
                """);
        assertThat(run.time()).as("2 s, and 3 s beside 1 s").isBetween(Duration.ofSeconds(5), HANG);
    }

    @Test
    void everyExecutorGivesItsResult() throws Exception {
        Run run = Run.of(ChoosingAnExecutor::main);
        assertThat(run.output()).isEqualTo("""
                Default executor result: 900
                Custom pool results: [0, 1, 4, 9, 16]
                Process pool result: 2500
                """);
        assertThat(run.time()).as("1 s, five jobs on two threads, 1 s").isBetween(Duration.ofSeconds(5), HANG);
    }
}
