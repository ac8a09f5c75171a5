package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What workers print. */
class WorkerOutputTest {

    private final List<WorkerOutput.Line> lines = Collections.synchronizedList(new ArrayList<>());

    @Test
    void aListenerGetsEveryLineOfBothStreams() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .output(WorkerOutput.to(lines::add))
                .build()) {
            long pid = get(pool.submit(() -> {
                System.out.println("out 1");
                System.out.println();
                System.out.println("grüße");
                System.err.println("err");
                return ProcessHandle.current().pid();
            }));
            await().until(() -> lines.size() == 4);
            assertThat(lines)
                    .containsExactlyInAnyOrder(
                            new WorkerOutput.Line(1, pid, false, "out 1"),
                            new WorkerOutput.Line(1, pid, false, ""),
                            new WorkerOutput.Line(1, pid, false, "grüße"),
                            new WorkerOutput.Line(1, pid, true, "err"));
        }
    }

    @Test
    void whatWasPrintedBeforeACrashIsNotLostAndTheExceptionShowsIt() {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .output(WorkerOutput.to(lines::add))
                .build()) {
            assertThatThrownBy(() -> get(pool.submit(() -> {
                        System.out.print("the last words, without an end");
                        System.out.flush();
                        Runtime.getRuntime().halt(7);
                    })))
                    .cause()
                    .isInstanceOf(WorkerCrashedException.class)
                    .hasMessageContaining("the last words, without an end");
            await().until(() -> !lines.isEmpty());
            assertThat(lines).extracting(WorkerOutput.Line::text).containsExactly("the last words, without an end");
        }
    }

    @Test
    void aFloodBlocksNobody() throws Exception {
        var bytes = new AtomicLong();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .output(WorkerOutput.to(line -> bytes.addAndGet(line.text().length() + 1)))
                .build()) {
            get(pool.warmUp());
            CompletableFuture<Void> flood = pool.submit(() -> {
                byte[] line = "0123456789abcdef".repeat(64).concat("\n").getBytes();
                for (int i = 0; i < 64 * 1024; i++) {
                    System.out.write(line, 0, line.length);
                }
                System.out.flush();
            });
            CompletableFuture<Integer> other = pool.submit(() -> 1);
            assertThat(get(other)).isEqualTo(1);
            get(flood);
            await().until(() -> bytes.get() == 64L * 1024 * 1025);
        }
    }

    @Test
    void aListenerThatWaitsForTheCallHoldsUpNobody() throws Exception {
        var call = new CompletableFuture<CompletableFuture<Void>>();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .output(WorkerOutput.to(line -> assertThatThrownBy(() -> get(call.join()))))
                .build()) {
            call.complete(pool.submit(() -> {
                System.out.println("a line");
                System.out.flush();
                Runtime.getRuntime().halt(9);
            }));
            assertThatThrownBy(() -> call.join().get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(WorkerCrashedException.class);
        }
    }

    @Test
    void aListenerThatThrowsIsOnlyLogged() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .output(WorkerOutput.to(line -> {
                    lines.add(line);
                    throw new AssertionError("expected in the log of this test");
                }))
                .build()) {
            get(pool.submit(() -> {
                System.out.println("one");
                System.out.println("two");
            }));
            await().until(() -> lines.size() == 2);
        }
    }

    @Test
    void theStandardInputOfAFunctionIsEmpty() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            assertThat(get(pool.submit(() -> System.in.read()))).isEqualTo(-1);
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        }
    }

    @Test
    void itCanBeDiscardedLoggedOrLeftAlone() throws Exception {
        for (WorkerOutput output : List.of(
                WorkerOutput.discarded(), WorkerOutput.logged(), WorkerOutput.inherited(), WorkerOutput.prefixed())) {
            try (var pool =
                    ProcessPoolExecutor.builder().maxWorkers(1).output(output).build()) {
                get(pool.submit(() -> System.out.println("a line of a worker, in a test")));
            }
        }
    }
}
