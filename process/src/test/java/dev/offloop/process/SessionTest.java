package dev.offloop.process;

import static dev.offloop.Async.await;
import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Async;
import dev.offloop.CancelledError;
import dev.offloop.Offload;
import dev.offloop.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state in a worker of its own. */
class SessionTest {

    private static ProcessPoolExecutor pool;

    @BeforeAll
    static void makePool() {
        pool = builder().maxSessions(3).build();
    }

    @AfterAll
    static void closePool() {
        pool.close();
    }

    private static ProcessPoolExecutor.Builder builder() {
        return ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .maxHeap("64m")
                .cancelGrace(Duration.ofMillis(100))
                .output(WorkerOutput.discarded());
    }

    private static void awaitEnd(WorkerSession<?> session) {
        long pid = session.pid();
        await().until(() ->
                ProcessHandle.of(pid).map(handle -> !handle.isAlive()).orElse(true));
    }

    /** The failure of a call that is waited for. */
    private static AbstractThrowableAssert<?, ? extends Throwable> assertThatFailure(ThrowingCallable waits) {
        return assertThatThrownBy(waits).isInstanceOf(ExecutionException.class).cause();
    }

    // ---- the state

    @Test
    void theStateStaysInItsProcessAndNeedNotBeSerializable() throws Exception {
        try (WorkerSession<AtomicInteger[]> session =
                pool.openSession(() -> new AtomicInteger[] {new AtomicInteger(5)})) {
            for (int i = 6; i < 9; i++) {
                assertThatObject(get(session.submit(state -> state[0].incrementAndGet())))
                        .isEqualTo(i);
            }
        }
    }

    @Test
    void functionsRunInTheOrderOfTheirSubmission() throws Exception {
        try (WorkerSession<List<Integer>> session = pool.openSession(() -> new ArrayList<>())) {
            List<CompletableFuture<Boolean>> all = IntStream.range(0, 2_000)
                    .mapToObj(i -> session.submit(list -> list.add(i)))
                    .toList();
            for (CompletableFuture<Boolean> each : all) {
                get(each);
            }
            assertThatObject(get(session.submit(list -> list)))
                    .isEqualTo(IntStream.range(0, 2_000).boxed().toList());
        }
    }

    @Test
    void aSessionHasAProcessOfItsOwnBesideTheWorkersOfThePool() throws Exception {
        try (WorkerSession<String> one = pool.openSession(() -> "one");
                WorkerSession<String> two = pool.openSession(() -> "two")) {
            assertThat(List.of(one.pid(), two.pid(), get(pool.submit(Calls::pid))))
                    .doesNotHaveDuplicates();
            assertThatObject(get(
                            one.submit(state -> state + ProcessHandle.current().pid())))
                    .isEqualTo("one" + one.pid());
            assertThat(List.of(
                            get(one.submit(_ -> WorkerContext.index())), get(two.submit(_ -> WorkerContext.index()))))
                    .containsExactlyInAnyOrder(1, 2);
        }
    }

    @Test
    void theThreadIsNamedAfterTheFunctionThatItRuns() throws Exception {
        try (WorkerSession<String> session =
                        pool.openSession(() -> Thread.currentThread().getName());
                RemoteStream<String> stream =
                        pool.stream(out -> out.emit(Thread.currentThread().getName()))) {
            String name = "offloop-SessionTest.theThreadIsNamedAfterTheFunctionThatItRuns";
            assertThatObject(get(session.submit(state -> state))).isEqualTo(name);
            assertThatObject(get(session.submit(_ -> Thread.currentThread().getName())))
                    .isEqualTo(name);
            assertThat(stream.iterator().next()).isEqualTo(name);
        }
    }

    @Test
    void aNullStateIsAState() throws Exception {
        try (WorkerSession<Object> session = pool.openSession(() -> null)) {
            assertThatObject(get(session.submit(state -> state == null))).isEqualTo(true);
        }
    }

    @Test
    void limitsOnTheLifeOfWorkersDoNotTouchASession() throws Exception {
        try (ProcessPoolExecutor restless = builder()
                        .maxTasksPerWorker(1)
                        .idleTimeout(Duration.ofMillis(50))
                        .maxRss(1)
                        .build();
                WorkerSession<AtomicInteger> session = restless.openSession(() -> new AtomicInteger())) {
            for (int i = 1; i < 5; i++) {
                assertThatObject(get(session.submit(state -> state.incrementAndGet())))
                        .isEqualTo(i);
                Thread.sleep(100);
            }
        }
    }

    @Test
    void aTaskAwaitsItsFunctionsAndItsProcessId() throws Exception {
        Async.run(() -> {
            int[] ticked = {0};
            Task<Void> ticker = Async.createTask(() -> {
                while (true) {
                    Async.sleep(Duration.ofMillis(1));
                    ticked[0]++;
                }
            });
            try (WorkerSession<String> session = pool.openSession(() -> {
                Thread.sleep(100);
                return "state";
            })) {
                assertThat(session.pid()).isPositive();
                assertThatObject(await(session.submit(state -> {
                            Thread.sleep(50);
                            return state.length();
                        })))
                        .isEqualTo(5);
            }
            assertThat(ticked[0]).isGreaterThan(20);
            ticker.cancel();
            return null;
        });
    }

    // ---- failures

    @Test
    void whatAFunctionThrowsFailsItsCallOnly() throws Exception {
        try (WorkerSession<AtomicInteger> session = pool.openSession(() -> new AtomicInteger(1))) {
            assertThatFailure(() -> get(session.submit(_ -> {
                        throw new IOException("no such thing");
                    })))
                    .isInstanceOf(IOException.class)
                    .hasMessage("no such thing");
            assertThatObject(get(session.submit(state -> state.get()))).isEqualTo(1);
        }
    }

    @Test
    void aStateThatCannotBeMadeFailsAllFunctionsWithTheReason() {
        try (WorkerSession<Object> session = pool.openSession(() -> {
            throw new IOException("no model there");
        })) {
            CompletableFuture<Integer> early = session.submit(_ -> 1);
            assertThatFailure(() -> get(early))
                    .isInstanceOf(SessionEndedException.class)
                    .hasRootCauseMessage("no model there");
            assertThatThrownBy(session::pid)
                    .isInstanceOf(SessionEndedException.class)
                    .hasMessageContaining("no model there");
            assertThatFailure(() -> get(session.submit(_ -> 2)))
                    .isInstanceOf(SessionEndedException.class)
                    .cause()
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aStateWhoseFunctionCannotBeSentFailsAllFunctionsWithTheReason() {
        Object notSerializable = new Object();
        try (WorkerSession<String> session = pool.openSession(() -> notSerializable.toString())) {
            assertThatFailure(() -> get(session.submit(_ -> 2)))
                    .isInstanceOf(SessionEndedException.class)
                    .cause()
                    .isInstanceOf(NotTransferableException.class);
        }
    }

    @Test
    void theDeathOfAnIdleSessionIsToldWithTheReason() throws Exception {
        try (WorkerSession<String> session = pool.openSession(() -> "state")) {
            long pid = session.pid();
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            awaitEnd(session);
            await().untilAsserted(() -> assertThatFailure(() -> get(session.submit(state -> state)))
                    .isInstanceOf(SessionEndedException.class)
                    .hasMessageContaining("process " + pid)
                    .hasMessageContaining("killed by SIGKILL"));
            assertThat(session.pid()).isEqualTo(pid);
        }
    }

    @Test
    void aCrashFailsTheFunctionThatRanAndTellsThoseThatWait(@TempDir Path folder) {
        String file = folder.resolve("ran").toString();
        try (WorkerSession<String> session = pool.openSession(() -> "state")) {
            CompletableFuture<Integer> crashes = session.submit(_ -> {
                Thread.sleep(50);
                Runtime.getRuntime().halt(3);
                return 1;
            });
            List<CompletableFuture<Integer>> waiting = IntStream.range(0, 20)
                    .mapToObj(_ -> session.submit(
                            _ -> Files.writeString(Path.of(file), "ran").getNameCount()))
                    .toList();
            assertThatFailure(() -> get(crashes)).isInstanceOf(WorkerCrashedException.class);
            for (CompletableFuture<Integer> each : waiting) {
                assertThatFailure(() -> get(each))
                        .isInstanceOf(SessionEndedException.class)
                        .hasMessageContaining("exit code 3");
            }
            assertThat(Path.of(file)).doesNotExist();
            assertThatFailure(() -> get(session.submit(_ -> 1))).isInstanceOf(SessionEndedException.class);
        }
    }

    @Test
    void aFullHeapEndsTheSession() {
        try (WorkerSession<List<byte[]>> session = pool.openSession(() -> new ArrayList<>())) {
            assertThatFailure(() -> get(session.submit(list -> {
                        while (true) {
                            list.add(new byte[1 << 20]);
                        }
                    })))
                    .isInstanceOf(WorkerOutOfMemoryException.class);
            assertThatFailure(() -> get(session.submit(_ -> 1))).isInstanceOf(SessionEndedException.class);
        }
    }

    // ---- cancellation

    @Test
    void aFunctionThatObeysItsCancellationLeavesTheState() throws Exception {
        try (ProcessPoolExecutor patient = Calls.patientPool(1);
                WorkerSession<AtomicInteger> session = patient.openSession(() -> new AtomicInteger(7))) {
            var heard = new CountDownLatch(1);
            CompletableFuture<Integer> sleeps =
                    session.submit(CallOptions.DEFAULT.onProgress(_ -> heard.countDown()), state -> {
                        Offload.progress(state.incrementAndGet());
                        Thread.sleep(3_600_000);
                        return 0;
                    });
            assertThat(heard.await(50, TimeUnit.SECONDS)).isTrue();
            sleeps.cancel(true);
            assertThatObject(get(session.submit(state -> state.get()))).isEqualTo(8);
        }
    }

    @Test
    void aFunctionThatIgnoresItsCancellationEndsTheSession() {
        try (WorkerSession<String> session = pool.openSession(() -> "state")) {
            CompletableFuture<Integer> deaf = session.submit(CallOptions.DEFAULT.timeout(Duration.ofMillis(50)), _ -> {
                while (true) {
                    Thread.onSpinWait();
                }
            });
            CompletableFuture<Integer> waits = session.submit(_ -> 1);
            assertThatFailure(() -> get(deaf)).isInstanceOf(CallTimeoutException.class);
            assertThatFailure(() -> get(waits))
                    .isInstanceOf(SessionEndedException.class)
                    .hasMessageContaining("Builder.cancelGrace");
        }
    }

    @Test
    void aTaskThatIsCancelledWhileItAwaitsTheProcessIdLeavesTheSession() throws Exception {
        try (WorkerSession<String> session = pool.openSession(() -> {
            Thread.sleep(300);
            return "state";
        })) {
            Async.run(() -> {
                Task<Long> task = Async.createTask(() -> session.pid());
                Async.yieldNow();
                task.cancel();
                assertThatThrownBy(() -> Async.await(task)).isInstanceOf(CancelledError.class);
                return null;
            });
            assertThatObject(get(session.submit(state -> state))).isEqualTo("state");
        }
    }

    @Test
    void functionsHaveNeitherAPriorityNorRetries() {
        try (WorkerSession<String> session = pool.openSession(() -> "state")) {
            assertThatThrownBy(() -> session.submit(CallOptions.DEFAULT.priority(1), state -> state))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("priority");
            assertThatThrownBy(() -> pool.openSession(CallOptions.DEFAULT.retryOnCrash(1), () -> "state"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("retries");
        }
    }

    // ---- how many

    @Test
    void moreSessionsThanAllowedAreRejectedUntilOneIsClosed() throws Exception {
        try (ProcessPoolExecutor small = builder().maxSessions(1).build()) {
            WorkerSession<String> first = small.openSession(() -> "first");
            assertThatThrownBy(() -> small.openSession(() -> "second"))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("Builder.maxSessions");
            first.close();
            await().ignoreExceptionsInstanceOf(RejectedExecutionException.class)
                    .until(() -> get(small.openSession(() -> "third").submit(state -> state))
                            .equals("third"));
        }
    }

    @Test
    void theNextSessionMayBeOpenedAsSoonAsOneIsClosed() throws Exception {
        try (ProcessPoolExecutor small =
                builder().maxSessions(1).inProcess(true).build()) {
            for (int i = 0; i < 100; i++) {
                try (WorkerSession<int[]> session = small.openSession(() -> new int[1])) {
                    assertThatObject(get(session.submit(state -> state[0]))).isEqualTo(0);
                }
            }
        }
    }

    @Test
    void anErrorThatTheStateFailsWithIsAReasonToo() {
        try (WorkerSession<String> session = pool.openSession(() -> {
            throw new AssertionError("boom");
        })) {
            assertThatThrownBy(session::pid)
                    .isInstanceOf(SessionEndedException.class)
                    .hasMessageContaining("boom");
        }
    }

    @Test
    void aSessionThatHasDiedMakesRoomForAnother() throws Exception {
        try (ProcessPoolExecutor small = builder().maxSessions(1).build()) {
            WorkerSession<String> first = small.openSession(() -> "first");
            CompletableFuture<Integer> dies = first.submit(_ -> {
                Runtime.getRuntime().halt(1);
                return 1;
            });
            assertThatFailure(() -> get(dies)).isInstanceOf(WorkerCrashedException.class);
            await().ignoreExceptionsInstanceOf(RejectedExecutionException.class)
                    .until(() -> get(small.openSession(() -> "next").submit(state -> state))
                            .equals("next"));
        }
    }

    // ---- the end

    /** Writes a file when it is closed. */
    private record Resource(String file) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            Files.writeString(Path.of(file), "closed");
        }
    }

    @Test
    void closingRunsTheFunctionsThatWaitAndThenClosesTheState(@TempDir Path folder) throws Exception {
        String file = folder.resolve("closed").toString();
        WorkerSession<Resource> session = pool.openSession(() -> new Resource(file));
        CompletableFuture<Boolean> slow = session.submit(state -> {
            Thread.sleep(100);
            return Files.exists(Path.of(state.file()));
        });
        CompletableFuture<Boolean> waits = session.submit(state -> Files.exists(Path.of(state.file())));
        long pid = session.pid();
        session.close();
        assertThat(List.of(get(slow), get(waits))).containsExactly(false, false);
        assertThat(Path.of(file)).hasContent("closed");
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        assertThatThrownBy(() -> session.submit(state -> state.file())).isInstanceOf(RejectedExecutionException.class);
        session.close();
    }

    @Test
    void aFullQueueDoesNotKeepTheStateFromBeingClosed(@TempDir Path folder) throws Exception {
        String file = folder.resolve("closed").toString();
        try (ProcessPoolExecutor narrow = builder().maxQueued(1).build()) {
            WorkerSession<Resource> session = narrow.openSession(() -> new Resource(file));
            assertThat(session.pid()).isPositive();
            CompletableFuture<Integer> slow = session.submit(_ -> {
                Thread.sleep(200);
                return 1;
            });
            CompletableFuture<Integer> waits = session.submit(_ -> 2);
            assertThatThrownBy(() -> session.submit(_ -> 3))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("Builder.maxQueued");
            session.close();
            assertThat(get(slow) + get(waits)).isEqualTo(3);
        }
        assertThat(Path.of(file)).hasContent("closed");
    }

    @Test
    void thePoolClosesItsSessionsWithItself(@TempDir Path folder) throws Exception {
        String file = folder.resolve("closed").toString();
        WorkerSession<Resource> session;
        try (ProcessPoolExecutor other = builder().build()) {
            session = other.openSession(() -> new Resource(file));
            assertThat(session.pid()).isPositive();
        }
        awaitEnd(session);
        assertThat(Path.of(file)).hasContent("closed");
        assertThatThrownBy(() -> session.submit(state -> state.file())).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void shutdownNowCancelsTheFunctionsAndKillsTheProcess() throws Exception {
        ProcessPoolExecutor other = builder().build();
        WorkerSession<String> session = other.openSession(() -> "state");
        assertThat(session.pid()).isPositive();
        CompletableFuture<Integer> runs = session.submit(_ -> {
            Thread.sleep(60_000);
            return 1;
        });
        CompletableFuture<Integer> waits = session.submit(_ -> 2);
        other.shutdownNow();
        assertThat(other.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(runs).isCancelled();
        assertThat(waits).isCancelled();
        awaitEnd(session);
        assertThat(other.isTerminated()).isTrue();
        assertThatThrownBy(() -> other.openSession(() -> "late"))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("shut down");
    }

    @Test
    void aTaskThatClosesASessionAwaitsItsEnd() throws Exception {
        int ticked = Async.run(() -> {
            int[] ticks = {0};
            Task<Void> ticker = Async.createTask(() -> {
                while (true) {
                    Async.sleep(Duration.ofMillis(1));
                    ticks[0]++;
                }
            });
            WorkerSession<String> session = pool.openSession(() -> "state");
            CompletableFuture<Integer> slow = session.submit(_ -> {
                Thread.sleep(100);
                return 1;
            });
            session.close();
            ticker.cancel();
            assertThat(get(slow)).isEqualTo(1);
            return ticks[0];
        });
        assertThat(ticked).isGreaterThan(20);
    }
}
