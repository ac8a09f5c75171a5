package dev.offloop.micrometer;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Offload;
import dev.offloop.Task;
import dev.offloop.process.ProcessPoolExecutor;
import dev.offloop.process.WorkerOutput;
import io.micrometer.context.ContextRegistry;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** With the real MDC of Logback and the real OpenTelemetry. */
class MicrometerPropagatorTest {

    private final SdkTracerProvider provider = SdkTracerProvider.builder().build();
    private final Tracer tracer = provider.get("test");

    @AfterEach
    void close() {
        provider.close();
        MDC.clear();
    }

    @Test
    void theMdcFollowsTasksThreadsAndExecutors() throws Exception {
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
            run(() -> {
                MDC.put("request", "42");
                Task<String> task = createTask(() -> {
                    yieldNow();
                    return MDC.get("request");
                });
                Future<String> thread = toThread(() -> MDC.get("request"));
                Future<String> executor = EventLoop.current().runInExecutor(pool, () -> MDC.get("request"));
                Future<String> andBack = toThread(() -> Offload.call(() -> MDC.get("request")));
                MDC.put("request", "43");
                assertThat(await(gather(List.of(task, thread, executor, andBack))))
                        .containsOnly("42");
                assertThat(MDC.get("request")).isEqualTo("43");
            });
            assertThat(pool.submit(() -> MDC.get("request")).get())
                    .as("left behind")
                    .isNull();
        }
    }

    @Test
    void theMdcOfOneTaskIsNotSeenByAnother() throws Exception {
        run(() -> {
            List<Task<String>> tasks = new ArrayList<>();
            for (String id : List.of("a", "b", "c")) {
                tasks.add(createTask(() -> {
                    MDC.put("request", id);
                    yieldNow();
                    return await(toThread(() -> MDC.get("request")));
                }));
            }
            assertThat(await(gather(tasks))).containsExactly("a", "b", "c");
        });
    }

    @Test
    void theCurrentSpanFollowsTheWork() throws Exception {
        run(() -> {
            Span span = tracer.spanBuilder("request").startSpan();
            Future<String> thread;
            Task<String> task;
            try (Scope _ = span.makeCurrent()) {
                thread = toThread(() -> Span.current().getSpanContext().getSpanId());
                task = createTask(() -> {
                    yieldNow();
                    return await(toThread(() -> Span.current().getSpanContext().getSpanId()));
                });
            }
            String id = span.getSpanContext().getSpanId();
            assertThat(await(gather(List.of(thread, task)))).containsExactly(id, id);
            assertThat(await(toThread(() -> Span.current().getSpanContext().isValid())))
                    .as("left behind")
                    .isFalse();
            span.end();
        });
    }

    @Test
    void theTraceGoesAlongToWorkerProcesses() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            Span span = tracer.spanBuilder("request").startSpan();
            try (Scope _ = span.makeCurrent();
                    Scope _ = Baggage.builder()
                            .put("user", "ada")
                            .build()
                            .storeInContext(Context.current())
                            .makeCurrent()) {
                assertThat(pool.submit(MicrometerPropagatorTest::traceAndBaggage)
                                .get())
                        .isEqualTo(span.getSpanContext().getTraceId() + " "
                                + span.getSpanContext().getSpanId() + " ada");
            }
            span.end();
            assertThat(pool.submit(MicrometerPropagatorTest::traceAndBaggage).get())
                    .as("left behind")
                    .isEqualTo(SpanContext.getInvalid().getTraceId() + " "
                            + SpanContext.getInvalid().getSpanId() + " null");
        }
    }

    @Test
    void theMdcGoesAlongToWorkerProcessesAndIsGoneAfterTheCall() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            MDC.put("request", "42");
            MDC.put("tenant.name", "Zoë & co");
            assertThat(pool.submit(MDC::getCopyOfContextMap).get())
                    .containsOnly(Map.entry("request", "42"), Map.entry("tenant.name", "Zoë & co"));
            pool.submit(() -> MDC.put("left behind", "by a function")).get();
            MDC.remove("request");
            assertThat(pool.submit(MDC::getCopyOfContextMap).get())
                    .containsExactly(Map.entry("tenant.name", "Zoë & co"));
            MDC.clear();
            assertThat(pool.submit(() -> MDC.get("tenant.name")).get())
                    .as("left behind")
                    .isNull();
            assertThat(pool.submit(() -> MDC.get("left behind")).get()).isNull();
        }
    }

    @Test
    void aLineThatAWorkerLogsHasTheMdcOfTheCaller(@TempDir Path folder) throws Exception {
        Path configuration = Files.writeString(folder.resolve("logback.xml"), """
                <configuration>
                  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
                    <encoder><pattern>[%X{request}] %msg%n</pattern></encoder>
                  </appender>
                  <root level="INFO"><appender-ref ref="OUT"/></root>
                </configuration>
                """);
        List<String> lines = new CopyOnWriteArrayList<>();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .jvmArguments("-Dlogback.configurationFile=" + configuration)
                .output(WorkerOutput.to(line -> lines.add(line.text())))
                .build()) {
            MDC.put("request", "42");
            pool.submit(() -> LoggerFactory.getLogger("work").info("parsed")).get();
            MDC.clear();
            pool.submit(() -> LoggerFactory.getLogger("work").info("done")).get();
        }
        Awaitility.await().untilAsserted(() -> assertThat(lines).containsExactly("[42] parsed", "[] done"));
    }

    @Test
    void stringsThatAreRegisteredHereAndInTheWorkerGoAlong() throws Exception {
        registerTenant();
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .initializer(() -> registerTenant())
                .build()) {
            TENANT.set("acme");
            assertThat(pool.submit(() -> TENANT.get()).get()).isEqualTo("acme");
            TENANT.remove();
            assertThat(pool.submit(() -> TENANT.get()).get()).isNull();
        } finally {
            ContextRegistry.getInstance().removeThreadLocalAccessor((Object) "tenant");
        }
    }

    private static final ThreadLocal<String> TENANT = new ThreadLocal<>();

    private static void registerTenant() {
        ContextRegistry.getInstance().registerThreadLocalAccessor("tenant", TENANT);
    }

    @Test
    void aValueThatIsTooLongForAHeaderIsLeftOutAndTheCallRuns() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            MDC.put("long", "x".repeat(TextHeaders.LONGEST + 1));
            MDC.put("longest", "€".repeat(TextHeaders.LONGEST));
            assertThat(pool.submit(MDC::getCopyOfContextMap).get())
                    .containsExactly(Map.entry("longest", "€".repeat(TextHeaders.LONGEST)));
        }
    }

    private static String traceAndBaggage() {
        SpanContext span = Span.current().getSpanContext();
        return span.getTraceId() + " " + span.getSpanId() + " "
                + Baggage.current().getEntryValue("user");
    }

    @Test
    void aCallbackOfTheLoopRunsInTheContextOfWhoAskedForIt() throws Exception {
        List<String> seen = new ArrayList<>();
        run(() -> {
            MDC.put("request", "42");
            EventLoop.current().callSoon(() -> seen.add(MDC.get("request")));
            MDC.remove("request");
            EventLoop.current().callSoon(() -> seen.add(MDC.get("request")));
            yieldNow();
        });
        assertThat(seen).containsExactly("42", null);
    }

    @Test
    void anyThreadLocalThatIsRegisteredFollows() throws Exception {
        var tenant = new ThreadLocal<String>();
        ContextRegistry.getInstance().registerThreadLocalAccessor("tenant", tenant);
        run(() -> {
            tenant.set("acme");
            assertThat(await(toThread(tenant::get))).isEqualTo("acme");
        });
        ContextRegistry.getInstance().removeThreadLocalAccessor((Object) "tenant");
    }
}
