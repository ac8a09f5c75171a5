package dev.offloop.micrometer;

import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * OpenTelemetry's current context as the headers that W3C has defined for it. Of no use where OpenTelemetry is not
 * there.
 */
final class TraceHeaders {

    private static final TextMapPropagator W3C =
            TextMapPropagator.composite(W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance());

    private TraceHeaders() {}

    static void addCurrent(Map<String, String> headers) {
        W3C.inject(Context.current(), headers, (_, name, value) -> headers.put(name, value));
    }

    /** Calls a function while the context of the headers is the current one. */
    @SuppressWarnings("try") // the scope is there for what runs inside
    static <T> T within(Map<String, String> headers, Supplier<T> work) {
        try (Scope scope = W3C.extract(Context.root(), headers, new Getter()).makeCurrent()) {
            return work.get();
        }
    }

    private static final class Getter implements TextMapGetter<Map<String, String>> {

        @Override
        @SuppressWarnings("deprecation") // it has to be there until it is gone
        public Iterable<String> keys(Map<String, String> headers) {
            return headers.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Map<String, String> headers, String key) {
            return headers == null ? null : headers.get(key);
        }
    }
}
