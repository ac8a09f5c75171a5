package dev.offloop.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a pool whose process is killed while its workers start: nothing. */
class KilledParentTest {

    private static final int MOST_CYCLES = 24;
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Warms a pool up in a JVM of its own, prints a line before and after that, and waits. */
    static final class Parent {
        public static void main(String[] args) throws Exception {
            var builder =
                    ProcessPoolExecutor.builder().maxWorkers(2).aotCache(null).output(WorkerOutput.discarded());
            if (args.length > 0) {
                builder.commandPrefix(args);
            }
            var pool = builder.build();
            IO.println("builds the pool");
            pool.warmUp().get();
            IO.println("has workers");
            Thread.sleep(Duration.ofHours(1));
        }
    }

    @TempDir
    private Path temp;

    private Process start(String... prefix) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + temp,
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName()));
        command.addAll(List.of(prefix));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Runs a parent until it has its workers, kills it, and returns how long it took to get them. */
    private long killWarm(String... prefix) throws Exception {
        Process parent = start(prefix);
        try (BufferedReader out = output(parent)) {
            assertThat(out.readLine()).isEqualTo("builds the pool");
            long start = System.nanoTime();
            assertThat(out.readLine()).isEqualTo("has workers");
            long warmUp = System.nanoTime() - start;
            assertThat(workers()).hasSizeGreaterThanOrEqualTo(2); // they can be found, so none found is none
            return warmUp;
        } finally {
            parent.destroyForcibly();
        }
    }

    private void killDuringWarmUp(long after, String... prefix) throws Exception {
        Process parent = start(prefix);
        try (BufferedReader out = output(parent)) {
            assertThat(out.readLine()).isEqualTo("builds the pool");
            LockSupport.parkNanos(after);
        } finally {
            parent.destroyForcibly();
        }
    }

    private void killAtManyMomentsAndExpectNothingLeft(String... prefix) throws Exception {
        long start = System.nanoTime();
        long warmUp = killWarm(prefix);
        for (int i = 0; i < MOST_CYCLES && System.nanoTime() - start < MOST_NANOS; i++) {
            // Fractions of the golden ratio: spread evenly, however many cycles there is time for.
            killDuringWarmUp((long) (warmUp * (i * 0.618034 % 1)), prefix);
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> workers().isEmpty());
        try (Stream<Path> left = Files.list(temp)) {
            assertThat(left.filter(path -> !isFolderInTheMaking(path))).isEmpty();
        }
    }

    /**
     * One that was killed before it had a worker, which could clean up: a later pool does, see {@code PoolFolderTest}.
     */
    private static boolean isFolderInTheMaking(Path path) {
        return path.getFileName().toString().startsWith(".offloop-");
    }

    /** The processes whose command line names a folder in this test's. */
    private List<ProcessHandle> workers() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .orElse("") // it ends just now
                        .contains("-Ddev.offloop.process.folder=" + temp))
                .toList();
    }

    @Test
    void aParentThatIsKilledWhileItsWorkersStartLeavesNeitherProcessesNorFiles() throws Exception {
        killAtManyMomentsAndExpectNothingLeft();
    }

    @Test
    void aParentThatIsKilledLeavesNothingIfItsWorkersAreChildrenOfACommandPrefix() throws Exception {
        killAtManyMomentsAndExpectNothingLeft("sh", "-c", "\"$@\"; exit $?", "sh");
    }
}
