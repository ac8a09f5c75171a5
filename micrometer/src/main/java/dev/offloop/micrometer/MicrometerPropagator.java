package dev.offloop.micrometer;

import dev.offloop.spi.ContextPropagator;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries all that Micrometer's {@link ContextRegistry} has an accessor for: being on the class path is enough.
 *
 * <p>SLF4J's MDC and OpenTelemetry's context get an accessor in that registry if they are there and have none yet; a
 * program that wants another registers its own, under the same key, before it runs its first loop.
 *
 * <p>A function in a worker process gets what is text: strings and maps of strings, such as the MDC, of at most 16,384
 * characters each, under keys that are strings; and OpenTelemetry's trace context and baggage. The worker's registry
 * has to have an accessor of the same key. The MDC's it has; for others {@code ServiceLoader} finds those on the class
 * path, or the initializer of the pool registers them.
 */
public final class MicrometerPropagator implements ContextPropagator {

    /** What the work began without is not there for it either, whatever its thread had before. */
    private final ContextSnapshotFactory snapshots =
            ContextSnapshotFactory.builder().clearMissing(true).build();

    /** For {@link java.util.ServiceLoader}. */
    public MicrometerPropagator() {
        registerIfMissing(Slf4jThreadLocalAccessor.KEY, Slf4jThreadLocalAccessor::new);
        registerIfMissing(OpenTelemetryAccessor.KEY, OpenTelemetryAccessor::new);
    }

    private static void registerIfMissing(String key, Supplier<? extends ThreadLocalAccessor<?>> accessor) {
        ContextRegistry registry = ContextRegistry.getInstance();
        if (registry.getThreadLocalAccessors().stream()
                .noneMatch(known -> known.key().equals(key))) {
            try {
                registry.registerThreadLocalAccessor(accessor.get());
            } catch (LinkageError notThere) {
                // a program without that library
            }
        }
    }

    @Override
    public Object capture() {
        return snapshots.captureAll();
    }

    @Override
    public Scope restore(@Nullable Object captured) {
        return captured instanceof ContextSnapshot snapshot ? snapshot.setThreadLocals()::close : () -> {};
    }

    /**
     * What is text goes along to other processes, and the trace context and the baggage, as W3C wants them, if
     * OpenTelemetry is there.
     */
    @Override
    public Map<String, String> toHeaders(@Nullable Object captured) {
        Map<String, String> headers = new HashMap<>();
        Scope scope = restore(captured);
        try {
            TextHeaders.addCurrent(headers);
            TraceHeaders.addCurrent(headers);
        } catch (LinkageError notThere) {
            // a program without OpenTelemetry
        } finally {
            scope.close();
        }
        return headers;
    }

    @Override
    public Object fromHeaders(Map<String, String> headers) {
        return TextHeaders.within(headers, () -> {
            try {
                return TraceHeaders.within(headers, this::capture);
            } catch (LinkageError notThere) {
                return capture();
            }
        });
    }

    @Override
    public String toString() {
        return "Micrometer's context propagation";
    }
}
