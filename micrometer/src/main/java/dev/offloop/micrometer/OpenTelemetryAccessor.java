package dev.offloop.micrometer;

import io.micrometer.context.ThreadLocalAccessor;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * OpenTelemetry's current context. It is entered and left by scopes, which have to be closed in order, so the open ones
 * of a thread are kept: Micrometer sets and restores like brackets.
 */
final class OpenTelemetryAccessor implements ThreadLocalAccessor<Context> {

    /** Its key in the registry. */
    static final String KEY = "offloop.opentelemetry";

    private final ThreadLocal<ArrayDeque<Scope>> open = ThreadLocal.withInitial(ArrayDeque::new);

    /** Fails at once where OpenTelemetry is not there. */
    OpenTelemetryAccessor() {
        Context.root();
    }

    @Override
    public Object key() {
        return KEY;
    }

    @Override
    public @Nullable Context getValue() {
        Context current = Context.current();
        return current == Context.root() ? null : current;
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // restore() closes it
    public void setValue(Context value) {
        open.get().push(value.makeCurrent());
    }

    @Override
    public void setValue() {
        setValue(Context.root());
    }

    @Override
    public void restore(Context previous) {
        restore();
    }

    @Override
    public void restore() {
        ArrayDeque<Scope> scopes = open.get();
        if (!scopes.isEmpty()) {
            scopes.pop().close();
        }
        if (scopes.isEmpty()) {
            open.remove();
        }
    }
}
