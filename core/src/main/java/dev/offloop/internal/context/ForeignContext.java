package dev.offloop.internal.context;

import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.Errors;
import dev.offloop.spi.ContextPropagator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** What the {@link ContextPropagator}s on the class path have captured together. */
public final class ForeignContext {

    private static final ContextPropagator[] PROPAGATORS = load();

    private final @Nullable Object[] captured;

    private ForeignContext(@Nullable Object[] captured) {
        this.captured = captured;
    }

    private static ContextPropagator[] load() {
        List<ContextPropagator> found = new ArrayList<>();
        var providers = ServiceLoader.load(ContextPropagator.class, ContextPropagator.class.getClassLoader()).stream()
                .iterator();
        boolean more = true;
        int patience = 100; // a loader that does not get past a bad one would never end
        while (more) {
            try {
                more = providers.hasNext();
                if (more) {
                    found.add(providers.next().get());
                }
            } catch (ServiceConfigurationError | LinkageError e) { // the others may be better
                failed("A context propagator could not be loaded", e);
                more = --patience > 0;
            }
        }
        return found.toArray(ContextPropagator[]::new);
    }

    /** Null if there is no propagator, as in most programs. */
    public static @Nullable ForeignContext capture() {
        if (PROPAGATORS.length == 0) {
            return null;
        }
        @Nullable Object[] captured = new @Nullable Object[PROPAGATORS.length];
        for (int i = 0; i < PROPAGATORS.length; i++) {
            captured[i] = captureOne(PROPAGATORS[i]);
        }
        return new ForeignContext(captured);
    }

    /** What another process has captured; null if there is no propagator here. */
    public static @Nullable ForeignContext of(Map<String, String> headers) {
        if (PROPAGATORS.length == 0) {
            return null;
        }
        @Nullable Object[] captured = new @Nullable Object[PROPAGATORS.length];
        for (int i = 0; i < PROPAGATORS.length; i++) {
            try {
                captured[i] = PROPAGATORS[i].fromHeaders(headers);
            } catch (Throwable t) {
                failed("A context could not be read from headers by " + PROPAGATORS[i], t);
            }
        }
        return new ForeignContext(captured);
    }

    /** What can be taken along to another process. */
    public Map<String, String> toHeaders() {
        Map<String, String> headers = new HashMap<>();
        for (int i = 0; i < PROPAGATORS.length; i++) {
            try {
                headers.putAll(PROPAGATORS[i].toHeaders(captured[i]));
            } catch (Throwable t) {
                failed("A context could not be written as headers by " + PROPAGATORS[i], t);
            }
        }
        return headers;
    }

    private static @Nullable Object captureOne(ContextPropagator propagator) {
        try {
            return propagator.capture();
        } catch (Throwable t) {
            failed("A context could not be captured by " + propagator, t);
            return null;
        }
    }

    <T extends @Nullable Object> T call(Callable<T> work) throws Exception {
        List<ContextPropagator.Scope> scopes = restore();
        try {
            return work.call();
        } finally {
            close(scopes);
        }
    }

    private List<ContextPropagator.Scope> restore() {
        List<ContextPropagator.Scope> scopes = new ArrayList<>(captured.length);
        for (int i = 0; i < captured.length; i++) {
            try {
                scopes.addFirst(PROPAGATORS[i].restore(captured[i]));
            } catch (Throwable t) {
                failed("A context could not be restored by " + PROPAGATORS[i], t);
            }
        }
        return scopes;
    }

    private static void close(List<ContextPropagator.Scope> scopes) {
        for (ContextPropagator.Scope scope : scopes) {
            try {
                scope.close();
            } catch (Throwable t) {
                failed("A context could not be put back by " + scope, t);
            }
        }
    }

    private static void failed(String what, Throwable thrown) {
        ErrorLog.error(Errors.of(what, thrown));
    }
}
