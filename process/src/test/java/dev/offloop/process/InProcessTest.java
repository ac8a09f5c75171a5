package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.pid;
import static dev.offloop.process.Calls.submitAndHear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.offloop.ContextVar;
import dev.offloop.Offload;
import dev.offloop.RemoteCallable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Workers that are threads: what is the same as with processes, and what is not. */
class InProcessTest {

    @AutoClose
    private final ProcessPoolExecutor pool = pool(2).build();

    private static ProcessPoolExecutor.Builder pool(int maxWorkers) {
        return ProcessPoolExecutor.builder().maxWorkers(maxWorkers).inProcess(true);
    }

    /** Not serializable. */
    private static final class Plain {}

    @Test
    void functionsRunOnAThreadOfThisJvmThatIsNamedAfterThem() throws Exception {
        assertThat(get(pool.submit(Calls::pid))).isEqualTo(pid());
        String thread = get(pool.submit(() -> Thread.currentThread().getName()));
        assertThat(thread).matches("offloop-processes-\\d+-worker-\\d offloop-InProcessTest\\..*");
        assertThat(Calls.workers()).isEmpty();
        assertThat(pool.statistics().each()).extracting(WorkerStatus::pid).containsOnly(pid());
    }

    @Test
    void argumentsAndResultsAreCopies() throws Exception {
        List<String> list = new ArrayList<>(List.of("a"));
        List<String> back = get(pool.submit(() -> {
            list.add("b");
            return list;
        }));
        assertThat(list).containsExactly("a");
        assertThat(back).containsExactly("a", "b");
    }

    @Test
    void whatCannotBeSentToAProcessCannotBeSentToAThreadEither() {
        var plain = new Plain();
        assertThat(catchThrowable(() -> get(pool.submit(() -> plain.hashCode()))))
                .hasCauseInstanceOf(NotTransferableException.class)
                .hasMessageContaining("Plain is not Serializable");
        assertThat(catchThrowable(() -> get(pool.submit(() -> new Plain()))))
                .hasCauseInstanceOf(NotTransferableException.class)
                .hasMessageContaining("The function's result cannot be sent")
                .hasMessageContaining("Plain is not Serializable");
    }

    @Test
    void anExceptionHasTheStackTraceOfItsWorkerAsItsCause() {
        Throwable failure = catchThrowable(() -> get(pool.submit(() -> {
            throw new IOException("disk");
        })));
        assertThat(failure.getCause()).isInstanceOf(IOException.class).hasMessage("disk");
        assertThat(failure.getCause()).hasCauseInstanceOf(RemoteStackTrace.class);
    }

    @Test
    void eachWorkerHasItsIndexAndItsCallAndSoHaveThreadsThatItsFunctionStarts() throws Exception {
        assertThat(WorkerContext.inWorker()).isFalse();
        assertThat(WorkerContext.index()).isEqualTo(-1);
        List<CompletableFuture<String>> calls = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            calls.add(pool.submit(() -> {
                BOTH.countDown();
                BOTH.await();
                var other = new CompletableFuture<Integer>();
                Thread.ofPlatform().start(() -> other.complete(WorkerContext.index()));
                return WorkerContext.inWorker() + " " + WorkerContext.index() + " " + other.get();
            }));
        }
        assertThat(List.of(get(calls.get(0)), get(calls.get(1)))).containsExactlyInAnyOrder("true 0 0", "true 1 1");
    }

    private static final CountDownLatch BOTH = new CountDownLatch(2);

    @Test
    void cancellingInterruptsTheFunctionAndTheWorkerGoesOn() throws Exception {
        CompletableFuture<Void> call = submitAndHear(pool, () -> {
            Offload.progress("here");
            WorkerContext.onCancel(CANCELLED::countDown);
            try {
                Thread.sleep(Duration.ofHours(1));
            } catch (InterruptedException e) {
                INTERRUPTED.countDown();
            }
        });
        call.cancel(true);
        assertThat(INTERRUPTED.await(50, TimeUnit.SECONDS)).isTrue();
        assertThat(CANCELLED.await(50, TimeUnit.SECONDS)).isTrue();
        assertThat(catchThrowable(() -> get(call))).isInstanceOf(CancellationException.class);
        assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
        assertThat(pool.statistics().started()).isLessThanOrEqualTo(2);
    }

    private static final CountDownLatch CANCELLED = new CountDownLatch(1);
    private static final CountDownLatch INTERRUPTED = new CountDownLatch(1);

    @Test
    void aTimeoutFailsTheCallWithThePlaceWhereItWas() {
        CompletableFuture<?> call = pool.submit(CallOptions.DEFAULT.timeout(Duration.ofMillis(50)), () -> {
            Thread.sleep(Duration.ofHours(1));
        });
        assertThat(catchThrowable(() -> get(call)))
                .hasCauseInstanceOf(CallTimeoutException.class)
                .hasMessageContaining("InProcessTest");
    }

    @Test
    void aFunctionThatIgnoresTheInterruptIsAbandonedAndTheLogSaysWhereItIs() throws Exception {
        List<String> logged = Collections.synchronizedList(new ArrayList<>());
        Handler handler = new Listening(logged);
        Logger logger = Logger.getLogger("dev.offloop");
        logger.addHandler(handler);
        try (var pool = pool(1).cancelGrace(Duration.ofMillis(10)).build()) {
            CompletableFuture<?> call =
                    pool.submit(CallOptions.DEFAULT.timeout(Duration.ofMillis(50)), InProcessTest::ignoreInterrupts);
            assertThat(catchThrowable(() -> get(call))).hasCauseInstanceOf(CallTimeoutException.class);
            assertThat(get(pool.submit(() -> "the next worker"))).isEqualTo("the next worker");
            await().until(() ->
                    logged.stream().anyMatch(line -> line.contains("abandoned") && line.contains("ignoreInterrupts")));
        } finally {
            logger.removeHandler(handler);
            GO_ON.countDown();
        }
    }

    private static final CountDownLatch GO_ON = new CountDownLatch(1);

    private static void ignoreInterrupts() {
        while (GO_ON.getCount() > 0) {
            try {
                GO_ON.await();
            } catch (InterruptedException e) {
                // ignored
            }
        }
    }

    private static final class Listening extends Handler {
        private final List<String> lines;

        Listening(List<String> lines) {
            this.lines = lines;
        }

        @Override
        public void publish(LogRecord line) {
            lines.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void shuttingDownNowInterruptsWhatRunsAndLeavesNoThread() throws Exception {
        try (var pool = pool(1).name("short-lived").build()) {
            submitAndHear(pool, () -> {
                Offload.progress("here");
                Thread.sleep(Duration.ofHours(1));
            });
            pool.shutdownNow();
            assertThat(pool.awaitTermination(50, TimeUnit.SECONDS)).isTrue();
        }
        await().until(() -> threads("short-lived-worker").isEmpty());
    }

    @Test
    void closingLetsRunningCallsEndAndLeavesNoThread() throws Exception {
        CompletableFuture<Integer> call;
        try (var pool = pool(2).name("closed").build()) {
            get(pool.warmUp());
            call = pool.submit(() -> {
                Thread.sleep(50);
                return 1;
            });
        }
        assertThat(call.getNow(0)).isEqualTo(1);
        await().until(() -> threads("closed-worker").isEmpty());
    }

    private static List<String> threads(String prefix) {
        Thread[] all = new Thread[1000];
        int count = Thread.enumerate(all);
        return Arrays.stream(all, 0, count)
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    @Test
    void aStreamBringsItsValues() {
        try (RemoteStream<Integer> values = pool.stream(out -> {
            for (int i = 0; i < 1000; i++) {
                out.emit(i);
            }
        })) {
            int sum = 0;
            for (int value : values) {
                sum += value;
            }
            assertThat(sum).isEqualTo(499_500);
        }
    }

    @Test
    void theContextOfTheCallerGoesAlong() throws Exception {
        ContextVar<String> tenant = ContextVar.remote("in-process-tenant");
        tenant.set("acme");
        assertThat(get(pool.submit(
                        () -> ContextVar.<String>remote("in-process-tenant").get())))
                .isEqualTo("acme");
    }

    @Test
    void theInitializerRunsOnceForEachWorker() throws Exception {
        try (var pool = pool(2).initializer(() -> INITIALIZED.incrementAndGet()).build()) {
            get(pool.warmUp());
            assertThat(INITIALIZED.get()).isEqualTo(2);
        }
    }

    private static final AtomicInteger INITIALIZED = new AtomicInteger();

    /** Written and read by the codec only. */
    record Money(long cents) {}

    /** Of money. */
    public static final class MoneyCodec implements Codec {
        @Override
        public boolean accepts(Class<?> type) {
            return type == Money.class;
        }

        @Override
        public void write(Object value, OutputStream out) throws IOException {
            new DataOutputStream(out).writeLong(((Money) value).cents());
        }

        @Override
        public Object read(InputStream in) throws IOException {
            return new Money(new DataInputStream(in).readLong());
        }
    }

    @Test
    void theCodecWritesArgumentsAndResults() throws Exception {
        try (var pool = pool(1).codec(MoneyCodec.class).build()) {
            var money = new Money(5);
            assertThat(get(pool.submit(() -> new Money(money.cents() * 2)))).isEqualTo(new Money(10));
        }
    }

    @Test
    void theFunctionFilterRejectsWhatItWouldRejectInAProcess() {
        try (var pool = pool(1).functionFilter("!java.util.Locale").build()) {
            Locale locale = Locale.GERMAN;
            RemoteCallable<String> function = () -> locale.toString();
            assertThat(catchThrowable(() -> get(pool.submit(function))))
                    .hasCauseInstanceOf(NotTransferableException.class)
                    .hasMessageContaining("cannot be read in the worker");
        }
    }

    @Test
    void optionsThatAreAboutProcessesHaveNoEffect() throws Exception {
        try (var pool = pool(1).memoryLimit("64m")
                .maxRss(1)
                .environment("X", "1")
                .environment(index -> Map.of("Y", "" + index))
                .jvmArguments("-XX:NoSuchOption")
                .commandPrefix("/no/such/command")
                .build()) {
            assertThat(get(pool.submit(() -> 1))).isEqualTo(1);
            assertThat(get(pool.submit(() -> 2))).isEqualTo(2);
            assertThat(pool.statistics().started()).isEqualTo(1);
        }
    }
}
