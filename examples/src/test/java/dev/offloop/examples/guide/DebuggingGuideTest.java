package dev.offloop.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.process.*;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The snippets of {@code docs/guide/debugging.md}, run. */
class DebuggingGuideTest {

    private static final List<Object> PRINTED = Collections.synchronizedList(new ArrayList<>());

    private static void println(Object line) {
        PRINTED.add(line);
    }

    DebuggingGuideTest() {
        PRINTED.clear();
    }

    static int parse(byte[] bytes) {
        return bytes.length;
    }

    @Test
    void inProcess() throws Exception {
        byte[] bytes = new byte[3];
        // snippet: debugging-in-process
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .inProcess(true) // false: processes
                .build()) {
            println(pool.submit(() ->
                            parse(bytes) + " in " + ProcessHandle.current().pid())
                    .get());
        }
        // end
        assertThat(PRINTED).containsExactly("3 in " + ProcessHandle.current().pid());
    }

    @Test
    void attach() throws Exception {
        byte[] bytes = new byte[4];
        // snippet: debugging-attach
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                .maxWorkers(1) // one process to attach to
                .debug(WorkerDebug.ATTACH) // OFF, or what -Doffloop.worker.debug says
                .callTimeout(Duration.ofSeconds(1)) // does not count now
                .build()) {
            println(pool.submit(() -> parse(bytes)).get());
        }
        // end
        assertThat(PRINTED).containsExactly(4);
    }
}
