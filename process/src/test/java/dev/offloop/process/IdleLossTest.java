package dev.offloop.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Workers that die while they are idle: no call hears of it, but the log does. */
class IdleLossTest {

    /** Loses a worker. Its log goes to standard error. */
    static final class Losing {
        public static void main(String[] args) throws Exception {
            try (var pool =
                    ProcessPoolExecutor.builder().maxWorkers(1).name("watched").build()) {
                long pid = pool.submit(Calls::pid).get(30, TimeUnit.SECONDS);
                System.out.println("worker " + pid);
                ProcessHandle.of(pid).orElseThrow().destroyForcibly();
                while (!pool.statistics().ended().containsKey(WorkerEnd.CRASHED)) {
                    Thread.sleep(10);
                }
                System.out.println("another: " + (pool.submit(Calls::pid).get(30, TimeUnit.SECONDS) != pid));
            }
        }
    }

    @Test
    void aWorkerThatIsKilledWhileItIsIdleIsLogged() throws Exception {
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Losing.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(program.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(program.waitFor(50, TimeUnit.SECONDS)).isTrue();
        String pid = output.replaceAll("(?s).*worker (\\d+)\\R.*", "$1");
        assertThat(output)
                .contains("Worker process " + pid + " of the process pool 'watched' ended while it was idle")
                .contains("killed by SIGKILL", "No call was lost", "another: true");
    }
}
