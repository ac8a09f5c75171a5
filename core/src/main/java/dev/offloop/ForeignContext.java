package dev.offloop;

import dev.offloop.spi.ContextPropagator;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** What the {@link ContextPropagator}s on the class path have captured together. */
final class ForeignContext {

    private static final ContextPropagator[] PROPAGATORS = load();

    private final @Nullable Object[] captured;

    private ForeignContext(@Nullable Object[] captured) {
        this.captured = captured;
    }

    private static ContextPropagator[] load() {
        List<ContextPropagator> found = new ArrayList<>();
        try {
            ServiceLoader.load(ContextPropagator.class, ContextPropagator.class.getClassLoader())
                    .forEach(found::add);
        } catch (ServiceConfigurationError e) {
            failed("A context propagator could not be loaded", e);
        }
        return found.toArray(ContextPropagator[]::new);
    }

    /** Null if there is nothing to carry, as always without a propagator. */
    static @Nullable ForeignContext capture() {
        @Nullable Object[] captured = null;
        for (int i = 0; i < PROPAGATORS.length; i++) {
            Object one = captureOne(PROPAGATORS[i]);
            if (one != null) {
                captured = captured == null ? new @Nullable Object[PROPAGATORS.length] : captured;
                captured[i] = one;
            }
        }
        return captured == null ? null : new ForeignContext(captured);
    }

    private static @Nullable Object captureOne(ContextPropagator propagator) {
        try {
            return propagator.capture();
        } catch (RuntimeException e) {
            failed("A context could not be captured by " + propagator, e);
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

    void run(Runnable work) {
        List<ContextPropagator.Scope> scopes = restore();
        try {
            work.run();
        } finally {
            close(scopes);
        }
    }

    private List<ContextPropagator.Scope> restore() {
        List<ContextPropagator.Scope> scopes = new ArrayList<>(captured.length);
        for (int i = 0; i < captured.length; i++) {
            Object one = captured[i];
            if (one != null) {
                try {
                    scopes.addFirst(PROPAGATORS[i].restore(one));
                } catch (RuntimeException e) {
                    failed("A context could not be restored by " + PROPAGATORS[i], e);
                }
            }
        }
        return scopes;
    }

    private static void close(List<ContextPropagator.Scope> scopes) {
        for (ContextPropagator.Scope scope : scopes) {
            try {
                scope.close();
            } catch (RuntimeException e) {
                failed("A context could not be put back by " + scope, e);
            }
        }
    }

    private static void failed(String what, Throwable thrown) {
        ErrorLog.error(ErrorContext.of(what, thrown));
    }
}
