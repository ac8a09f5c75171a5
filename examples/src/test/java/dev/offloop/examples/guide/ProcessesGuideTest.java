package dev.offloop.examples.guide;

import static dev.offloop.Async.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.*;
import dev.offloop.process.*;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The snippets of {@code docs/guide/processes.md}, run. */
@SuppressWarnings("unused")
class ProcessesGuideTest {

    private static final List<Object> PRINTED = Collections.synchronizedList(new ArrayList<>());

    private static void println(Object line) {
        PRINTED.add(line);
    }

    ProcessesGuideTest() {
        PRINTED.clear();
    }

    // snippet: process-function
    static int heavy(int n) {
        return IntStream.rangeClosed(1, n).sum();
    }
    // end

    static int parse(byte[] bytes) throws InterruptedException {
        if (bytes.length == 0) {
            Runtime.getRuntime().halt(139);
        }
        if (bytes.length == 1) {
            Thread.sleep(Duration.ofHours(1));
        }
        return bytes.length;
    }

    static void load() {}

    @Test
    void plain() throws Exception {
        // snippet: process-plain
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(2)) {
            CompletableFuture<Integer> sum = pool.submit(() -> heavy(100));
            println(sum.get());
        }
        // end
        assertThat(PRINTED).containsExactly(5050);
    }

    @Test
    void onTheLoop() throws Exception {
        // snippet: process-loop
        run(() -> {
            EventLoop loop = EventLoop.current();
            try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(2)) {
                println(await(loop.runInExecutor(pool, () -> heavy(100))));
                println(await(loop.runInExecutor(pool, ProcessesGuideTest::heavy, 3)));
                println(await(
                        pool.submit(CallOptions.DEFAULT.priority(1), () -> heavy(4)))); // any stage can be awaited
            }
        });
        // end
        assertThat(PRINTED).containsExactly(5050, 6, 10);
    }

    @Test
    void failures() throws Exception {
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(1)) {
            for (int size = 0; size < 3; size++) {
                byte[] document = new byte[size];
                // snippet: process-failures
                try {
                    int length = pool.submit(CallOptions.DEFAULT.timeout(Duration.ofSeconds(2)), () -> parse(document))
                            .get();
                    println(length);
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case WorkerOutOfMemoryException full -> println("too large: " + full.getMessage());
                        case WorkerCrashedException crash -> println("crashed");
                        case CallTimeoutException late -> println("hung"); // late.threadDump() says where
                        case NotTransferableException cannot -> println(cannot.getMessage());
                        default -> throw e; // what the function threw, with a RemoteStackTrace as its cause
                    }
                }
                // end
            }
        }
        assertThat(PRINTED).containsExactly("crashed", "hung", 2);
    }

    @Test
    void options() throws Exception {
        // snippet: process-options
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                .maxWorkers(4) // the processors that this JVM may use
                .maxHeap("256m")
                .callTimeout(Duration.ofSeconds(10)) // unlimited
                .cancelGrace(Duration.ofMillis(500)) // a second
                .idleTimeout(Duration.ofSeconds(30)) // a minute
                .maxTasksPerWorker(1_000) // any number
                .maxRss(512L * 1024 * 1024) // any amount
                .maxRssGrowth(300L * 1024 * 1024) // any amount
                .heartbeatTimeout(Duration.ofSeconds(20)) // a minute
                .initializer(() -> load()) // nothing
                .maxQueued(10_000) // any number
                .blockWhenFull() // refuse
                .niceness(10) // 19
                .output(WorkerOutput.logged()) // prefixed, to this process's own
                .environment("LC_ALL", "C.UTF-8")
                .build()) {
            pool.warmUp().get();
            println(pool.statistics().idle());
        }
        // end
        assertThat(PRINTED).containsExactly(4);
    }

    // snippet: process-context
    static final ContextVar<String> TENANT = ContextVar.remote("com.example.tenant", "nobody");

    static String greet() {
        return "hello " + TENANT.get(); // in the worker
    }
    // end

    @Test
    void context() throws Exception {
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(1)) {
            // snippet: process-context-use
            TENANT.where("ada", () -> println(pool.submit(() -> greet()).get()));
            // end
        }
        assertThat(PRINTED).containsExactly("hello ada");
    }

    record Money(long cents) {}

    // snippet: process-codec
    public static final class MoneyCodec implements Codec {
        @Override
        public boolean accepts(Class<?> type) {
            return type == Money.class; // all else goes by JDK serialization
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
    // end

    static Money twice(Money money) {
        return new Money(2 * money.cents());
    }

    @Test
    void codec() throws Exception {
        // snippet: process-codec-use
        try (ProcessPoolExecutor pool =
                ProcessPoolExecutor.builder().codec(MoneyCodec.class).build()) {
            Money price = new Money(250); // not serializable
            println(pool.submit(() -> twice(price)).get().cents());
        }
        // end
        assertThat(PRINTED).containsExactly(500L);
    }

    @Test
    void backpressure() throws Exception {
        // snippet: process-backpressure
        run(() -> {
            try (ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                    .maxWorkers(1)
                    .maxQueued(10)
                    .blockWhenFull()
                    .build()) {
                List<Future<Integer>> results = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    int n = i;
                    results.add(EventLoop.current().runInExecutor(pool, () -> heavy(n))); // awaits room
                }
                println(await(gather(results)).size());
            }
        });
        // end
        assertThat(PRINTED).containsExactly(100);
    }

    @Test
    void stopping() throws Exception {
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(1)) {
            // snippet: process-stop
            CompletableFuture<Void> job = pool.submit(CallOptions.DEFAULT.onProgress(done -> println(done)), () -> {
                WorkerContext.onCancel(() -> System.out.println("asked to stop")); // on another thread
                for (int i = 1; i <= 3; i++) {
                    Offload.checkCancelled();
                    Offload.progress(i);
                }
            });
            job.get(10, TimeUnit.SECONDS); // or job.cancel(true)
            // end
        }
        assertThat(PRINTED).containsExactly(1, 2, 3);
    }

    @Test
    void mapping() throws Exception {
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(2)) {
            // snippet: process-map
            Iterable<Integer> numbers = () -> Stream.iterate(1, n -> n + 1).iterator(); // endless
            try (Stream<Integer> sums =
                    pool.map(MapOptions.DEFAULT.chunkSize(100), ProcessesGuideTest::heavy, numbers)) {
                sums.limit(3).forEach(ProcessesGuideTest::println);
            }
            // end
        }
        assertThat(PRINTED).containsExactly(1, 3, 6);
    }

    @Test
    void streaming() throws Exception {
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(1)) {
            // snippet: process-stream
            try (RemoteStream<Integer> squares = pool.stream(out -> {
                for (int n = 1; n <= 3; n++) {
                    out.emit(n * n);
                }
            })) {
                for (int square : squares) {
                    println(square);
                }
            }
            // end
        }
        assertThat(PRINTED).containsExactly(1, 4, 9);
    }

    @Test
    void session() throws Exception {
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.create(1)) {
            // snippet: process-session
            try (WorkerSession<Map<String, Integer>> counts = pool.openSession(() -> new HashMap<>())) {
                for (String word : List.of("to", "be", "or", "not", "to", "be")) {
                    counts.submit(map -> map.merge(word, 1, Integer::sum));
                }
                println(counts.submit(map -> map.get("be")).get());
            }
            // end
        }
        assertThat(PRINTED).containsExactly(2);
    }

    @Test
    void untrusted() throws Exception {
        // snippet: process-untrusted
        try (ProcessPoolExecutor pool = ProcessPoolExecutor.builder()
                .resultFilter(ObjectInputFilter.Config.createFilter("maxdepth=20;maxarray=1000000;java.base/*;!*"))
                .commandPrefix("env", "-i", "PATH=/usr/bin:/bin") // or bwrap, firejail, systemd-run …
                .build()) {
            println(pool.submit(() -> heavy(10)).get());
        }
        // end
        assertThat(PRINTED).containsExactly(55);
    }
}
