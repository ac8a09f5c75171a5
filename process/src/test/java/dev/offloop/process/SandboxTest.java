package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions that try to break out of a sandbox in the obvious ways. */
class SandboxTest {

    /** Not in the temp folder, which a sandbox hides anyway. */
    private static final Path HOME = Path.of(System.getProperty("user.home"));

    @BeforeEach
    void needsBubblewrap() throws Exception {
        try {
            Process probe = new ProcessBuilder(
                            "bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--unshare-net", "--proc", "/proc", "true")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(probe.getInputStream().readAllBytes());
            if (!probe.waitFor(20, TimeUnit.SECONDS) || probe.exitValue() != 0) {
                abort("bwrap cannot make namespaces here: " + said);
            }
        } catch (IOException e) {
            abort("bwrap is not installed");
        }
    }

    private static ProcessPoolExecutor pool(Sandbox sandbox) {
        return ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .sandbox(sandbox)
                .cancelGrace(Duration.ZERO)
                .build();
    }

    private static Throwable failureOf(CompletableFuture<?> call) {
        return catchThrowable(() -> get(call)).getCause();
    }

    private static String write(String file) throws IOException {
        return Files.writeString(Path.of(file), "escaped").toString();
    }

    @Test
    void filesAreReadOnlyButForATempFolderOfItsOwn() throws Exception {
        String home = HOME.resolve("offloop-escaped-" + pid()).toString();
        String temp = "/tmp/offloop-escaped-" + pid();
        try (var pool = pool(Sandbox.readOnly())) {
            assertThat(failureOf(pool.submit(() -> write(home))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Read-only");
            assertThat(get(pool.submit(() -> write(temp)))).isEqualTo(temp);
            assertThat(get(pool.submit(() -> Files.readString(Path.of(temp))))).isEqualTo("escaped");
        }
        assertThat(Path.of(home)).doesNotExist();
        assertThat(Path.of(temp)).doesNotExist();
    }

    @Test
    void withoutANetworkNothingCanBeConnectedTo() throws Exception {
        try (var server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                var open = pool(Sandbox.readOnly());
                var closed = pool(Sandbox.readOnly().withoutNetwork())) {
            int port = server.getLocalPort();
            assertThat(get(open.submit(() -> connects(port)))).isTrue();
            assertThat(get(closed.submit(() -> connects(port)))).isFalse();
        }
    }

    private static boolean connects(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    @Test
    void aHiddenFileCannotBeReadAndAWritableOneCanBeChanged(@TempDir Path folder) throws Exception {
        Path secret = Files.writeString(
                Files.createDirectory(folder.resolve("secrets")).resolve("key"), "secret");
        Path shared = Files.createDirectory(folder.resolve("shared"));
        String read = secret.toString();
        String written = shared.resolve("result").toString();
        Sandbox sandbox = Sandbox.readOnly().withHidden(secret.getParent()).withWritable(shared);
        try (var pool = pool(sandbox)) {
            assertThat(get(pool.submit(() -> Files.exists(Path.of(read))))).isFalse();
            assertThat(get(pool.submit(() -> write(written)))).isEqualTo(written);
        }
        assertThat(shared.resolve("result")).hasContent("escaped");
        assertThat(secret).hasContent("secret");
    }

    @Test
    void onlyTheFilesThatWereNamedAreThere(@TempDir Path folder) throws Exception {
        Path input = Files.writeString(folder.resolve("input"), "in");
        Path other = Files.writeString(HOME.resolve("offloop-other-" + pid()), "other");
        String read = input.toString();
        String hidden = other.toString();
        try (var pool = pool(Sandbox.readOnly().withoutNetwork().withReadableOnly(input))) {
            assertThat(get(pool.submit(() -> Files.readString(Path.of(read))))).isEqualTo("in");
            assertThat(get(pool.submit(() -> Files.exists(Path.of(hidden))))).isFalse();
            assertThat(get(pool.submit(() -> Files.exists(Path.of("/etc/shadow")))))
                    .isFalse();
            assertThat(failureOf(pool.submit(() -> write("/escaped")))).isInstanceOf(IOException.class);
        } finally {
            Files.delete(other);
        }
    }

    @Test
    void theParentIsNotThereToBeKilled() throws Exception {
        long parent = pid();
        try (var pool = pool(Sandbox.readOnly())) {
            assertThat(get(pool.submit(() -> new ProcessBuilder("kill", "-KILL", Long.toString(parent))
                            .start()
                            .waitFor())))
                    .isNotZero();
            assertThat(get(pool.submit(() -> Files.exists(Path.of("/proc/" + parent + "/environ")))))
                    .isFalse();
        }
    }

    @Test
    void aWorkerInASandboxIsKilledWithAllThatIsAroundIt() throws Exception {
        try (var pool = pool(Sandbox.readOnly())) {
            get(pool.submit(() -> 1));
            List<Long> processes = ProcessHandle.of(
                            pool.statistics().each().getFirst().pid())
                    .orElseThrow()
                    .descendants()
                    .map(ProcessHandle::pid)
                    .toList();
            assertThat(processes).isNotEmpty();
            var call = pool.submit(CallOptions.DEFAULT.timeout(Duration.ofMillis(200)), () -> {
                while (true) {
                    Thread.onSpinWait();
                }
            });
            assertThat(failureOf(call)).isInstanceOf(CallTimeoutException.class);
            Calls.await().until(() -> processes.stream().noneMatch(Calls::isAlive));
            assertThat(get(pool.submit(() -> 2))).isEqualTo(2);
        }
    }

    @Test
    void limitsHoldInASandboxToo() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .sandbox(Sandbox.readOnly().withoutNetwork())
                .memoryLimit("160m")
                .openFiles(100)
                .cancelGrace(Duration.ZERO)
                .build()) {
            assertThat(failureOf(pool.submit(() -> {
                        java.lang.foreign.Arena.global().allocate(400 << 20).fill((byte) 1);
                        Thread.sleep(Duration.ofHours(1));
                    })))
                    .isInstanceOf(WorkerOutOfMemoryException.class);
            Throwable spun = failureOf(pool.submit(CallOptions.DEFAULT.cpuTime(Duration.ofMillis(300)), () -> {
                while (true) {
                    Thread.onSpinWait();
                }
            }));
            assertThat(spun).isInstanceOf(CallTimeoutException.class).hasMessageContaining("processor time");
        }
    }

    @Test
    void aSandboxCannotHaveWhatDoesNotExist() {
        assertThatThrownBy(() -> Sandbox.readOnly().withWritable(Path.of("/nowhere")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("create it first");
    }
}
