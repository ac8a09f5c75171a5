package dev.offloop.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.offloop.process.*;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The snippets of {@code docs/guide/limits.md}, run. */
@SuppressWarnings("unused")
class LimitsGuideTest {

    private static final List<Object> PRINTED = Collections.synchronizedList(new ArrayList<>());

    private static void println(Object line) {
        PRINTED.add(line);
    }

    LimitsGuideTest() {
        PRINTED.clear();
    }

    static int parse(byte[] bytes) {
        return bytes.length;
    }

    static String device() {
        return System.getenv("CUDA_VISIBLE_DEVICES");
    }

    private static void assumeIsInstalled(String program) {
        assumeThat(Stream.of(System.getenv("PATH").split(File.pathSeparator)))
                .as("folders with the command " + program)
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    @Test
    void limits() throws Exception {
        assumeIsInstalled("prlimit");
        byte[] bytes = new byte[3];
        // snippet: limits-options
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                .memoryLimit("512m") // any amount; the heap gets half of it
                .openFiles(256) // what this process may have
                .fileSize("100m") // any size
                .build()) {
            CallOptions options = CallOptions.DEFAULT
                    .timeout(Duration.ofSeconds(30)) // of the clock
                    .cpuTime(Duration.ofSeconds(10)); // of processors
            try {
                println(pool.submit(options, () -> parse(bytes)).get());
            } catch (ExecutionException failed) {
                switch (failed.getCause()) {
                    case WorkerOutOfMemoryException e -> println(e.getMessage());
                    case CallTimeoutException e ->
                        println(e.isProcessorTime() ? "computes too long" : "takes too long");
                    default -> throw failed;
                }
            }
        }
        // end
        assertThat(PRINTED).containsExactly(3);
    }

    @Test
    void sandbox(@TempDir Path output) throws Exception {
        assumeIsInstalled("bwrap");
        byte[] bytes = new byte[4];
        // snippet: limits-sandbox
        Sandbox sandbox = Sandbox.readOnly().withoutNetwork().withWritable(output);
        try (ProcessPoolExecutor pool =
                ProcessPoolExecutor.builder().sandbox(sandbox).build()) {
            println(pool.submit(() -> parse(bytes)).get());
        }
        // end
        assertThat(PRINTED).containsExactly(4);
    }

    @Test
    void index() throws Exception {
        // snippet: limits-index
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .environment(index -> Map.of("CUDA_VISIBLE_DEVICES", Integer.toString(index)))
                .build()) {
            println(pool.submit(() -> WorkerContext.index() + " has GPU " + device())
                    .get());
        }
        // end
        assertThat(PRINTED).containsAnyOf("0 has GPU 0", "1 has GPU 1");
    }
}
