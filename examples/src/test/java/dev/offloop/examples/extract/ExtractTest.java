package dev.offloop.examples.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtractTest {

    private static final Path SAMPLES = Path.of("samples");

    @TempDir
    private Path folder;

    private String url;

    @BeforeEach
    void nameTheDatabase() {
        url = Rows.url(folder);
    }

    @Test
    void everySampleBecomesARow() throws Exception {
        assertThat(ExtractCommand.execute("--db", url, SAMPLES.toString())).isZero();
        assertThat(Rows.statuses(url))
                .isEqualTo(Map.of(
                        "hello.pdf", "ok",
                        "three-pages.pdf", "ok",
                        "no-title.pdf", "ok",
                        "broken.pdf", "broken",
                        "encrypted.pdf", "encrypted"));
        assertThat(Rows.column(url, "title")).containsEntry("three-pages.pdf", "Three pages");
        assertThat(Rows.column(url, "pages")).containsEntry("three-pages.pdf", "3");
        assertThat(Rows.column(url, "content").get("hello.pdf")).contains("Hello, loop.");
        assertThat(Rows.column(url, "error").get("broken.pdf")).contains("IOException");
    }

    @Test
    void aSecondRunReplacesTheRows() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(ExtractCommand.execute("--db", url, SAMPLES.toString())).isZero();
        }
        assertThat(Rows.statuses(url)).hasSize(5);
    }

    @Test
    void theSharedFilesAreAllAccountedFor() throws Exception {
        Path shared = Path.of("../../shared/pdfs");
        assumeThat(shared).as("the shared files are here").isDirectory();
        List<String> names;
        try (Stream<Path> files = Files.list(shared)) {
            names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".pdf"))
                    .toList();
        }
        assertThat(ExtractCommand.execute("--db", url, shared.toString())).isZero();
        assertThat(Rows.statuses(url)).containsOnlyKeys(names);
    }

    @Test
    void aFileThatTakesTooLongBecomesARow() throws Exception {
        Pdfs.endless(folder.resolve("slow.pdf"));
        Files.copy(SAMPLES.resolve("hello.pdf"), folder.resolve("hello.pdf"));
        // long for hello.pdf on a busy machine, short for who waits for the other
        assertThat(ExtractCommand.execute("--db", url, "--timeout", "15s", folder.toString()))
                .isZero();
        assertThat(Rows.statuses(url)).isEqualTo(Map.of("slow.pdf", "timeout", "hello.pdf", "ok"));
    }

    @Test
    void aFileThatNeedsTooMuchMemoryBecomesARow() throws Exception {
        Pdfs.memoryHungry(folder.resolve("large.pdf"));
        Files.copy(SAMPLES.resolve("hello.pdf"), folder.resolve("hello.pdf"));
        assertThat(ExtractCommand.execute("--db", url, "--timeout", "60s", "--heap", "24m", folder.toString()))
                .isZero();
        assertThat(Rows.statuses(url)).isEqualTo(Map.of("large.pdf", "crashed", "hello.pdf", "ok"));
        assertThat(Rows.column(url, "error").get("large.pdf")).contains("out of memory");
    }

    @Test
    void aWorkerKilledInTheMiddleCostsOneRow() throws Exception {
        Pdfs.copyTo(folder, SAMPLES.resolve("hello.pdf"), 40);
        String slow = "copy-0019x.pdf"; // after twenty others, and before the rest
        Pdfs.endless(folder.resolve(slow));
        var exitCode = CompletableFuture.supplyAsync(
                () -> ExtractCommand.execute("--db", url, "--workers", "1", "--timeout", "10m", folder.toString()));
        awaitRows(url, 20);
        ProcessHandle worker = awaitWorkerAtWork();
        worker.destroyForcibly();
        assertThat(exitCode.join()).isZero();
        Map<String, String> statuses = Rows.statuses(url);
        assertThat(statuses).hasSize(41).containsEntry(slow, "crashed");
        assertThat(statuses.values()).filteredOn("ok"::equals).hasSize(40);
        assertThat(Rows.column(url, "error").get(slow)).contains("SIGKILL");
    }

    private static void awaitRows(String url, int count) {
        await().atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions() // there is no table at first
                .until(() -> Rows.statuses(url).size() >= count);
    }

    /**
     * The worker, as soon as it has computed for a while: a second of it is for the slow file, the only one that is
     * left.
     */
    private static ProcessHandle awaitWorkerAtWork() {
        ProcessHandle worker = workers(ProcessHandle.current()).getFirst();
        Duration before = cpuTime(worker);
        await().atMost(Duration.ofSeconds(40))
                .until(() -> cpuTime(worker).minus(before).toMillis() > 1000);
        return worker;
    }

    private static List<ProcessHandle> workers(ProcessHandle parent) {
        return parent.children()
                .filter(child -> child.info().commandLine().orElse("").contains("WorkerMain"))
                .toList();
    }

    private static Duration cpuTime(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Who is started in the background of a script, by nohup for one, hands down that Ctrl-C is to be ignored. */
    private static boolean ctrlCIsIgnored() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).trim(), 16) & 2) != 0);
    }

    @Test
    void ctrlCKeepsTheRowsAndLeavesNoWorker() throws Exception {
        assumeThat(ctrlCIsIgnored()).isFalse();
        Pdfs.copyTo(folder, SAMPLES.resolve("hello.pdf"), 30);
        Pdfs.endless(folder.resolve("z-slow.pdf"));
        String shared = url + ";AUTO_SERVER=TRUE"; // so that the rows can be counted meanwhile
        Process extract = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ExtractCommand.class.getName(),
                        "--db",
                        shared,
                        "--workers",
                        "1",
                        "--timeout",
                        "10m",
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        try {
            List<ProcessHandle> workers = await().atMost(Duration.ofSeconds(40))
                    .until(() -> workers(extract.toHandle()), found -> !found.isEmpty()); // the database is open then
            awaitRows(shared, 30);
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(extract.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            String output = new String(extract.getInputStream().readAllBytes());
            assertThat(extract.waitFor()).isEqualTo(130);
            assertThat(output).contains("interrupted").contains("not done");
            await().atMost(Duration.ofSeconds(5)).until(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
        } finally {
            extract.destroyForcibly().waitFor();
        }
        assertThat(Rows.statuses(url).values()).hasSize(30).containsOnly("ok");
    }

    @Test
    void badArgumentsGetOneLineAndExitCodeTwo() {
        for (String[] bad : new String[][] {
            {"--workers", "0"},
            {"--workers", "many"},
            {"--timeout", "soon"},
            {"--heap", "huge"},
            {"--db", "jdbc:nobody:knows"},
            {"--no-such-option"},
            {"no-such-folder"}
        }) {
            var err = new StringWriter();
            int exitCode = ExtractCommand.commandLine()
                    .setErr(new PrintWriter(err, true))
                    .execute(bad);
            assertThat(exitCode).as(String.join(" ", bad)).isEqualTo(2);
            assertThat(err.toString().lines()).as(String.join(" ", bad)).hasSize(1);
        }
    }

    @Test
    void helpExplains() {
        var out = new StringWriter();
        assertThat(ExtractCommand.commandLine()
                        .setOut(new PrintWriter(out, true))
                        .execute("--help"))
                .isZero();
        assertThat(out.toString()).contains("DIR", "--db", "--workers", "--timeout", "--heap", "Exit codes");
    }
}
