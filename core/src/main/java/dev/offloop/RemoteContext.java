package dev.offloop;

import dev.offloop.internal.context.Context;
import dev.offloop.internal.context.ForeignContext;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The part of a caller's context that goes along to another JVM: the {@linkplain ContextVar#remote remote} context
 * variables, and what {@link dev.offloop.spi.ContextPropagator}s make headers of. For those who write a
 * {@link RemoteExecutor}.
 *
 * <ul>
 *   <li>{@link #capture} in the thread that submits, {@link #call} in the process that runs the function. How the maps
 *       get there is the executor's business.
 *   <li>The values are whatever the program has set, and may not be serializable.
 * </ul>
 *
 * @param values of the remote variables, by their names
 * @param headers such as the {@code traceparent} of W3C
 */
public record RemoteContext(Map<String, @Nullable Object> values, Map<String, String> headers) {

    /** Nothing. */
    public static final RemoteContext EMPTY = new RemoteContext(Map.of(), Map.of());

    /** What the calling thread has; for most programs empty, which costs little. */
    public static RemoteContext capture() {
        Map<String, @Nullable Object> values = new HashMap<>();
        Context.vars().values().forEach((var, value) -> {
            if (var.isRemote()) {
                values.put(var.name(), value);
            }
        });
        ForeignContext foreign = ForeignContext.capture();
        Map<String, String> headers = foreign == null ? Map.of() : foreign.toHeaders();
        return values.isEmpty() && headers.isEmpty() ? EMPTY : new RemoteContext(values, headers);
    }

    /** Whether there is nothing to take along. */
    public boolean isEmpty() {
        return values.isEmpty() && headers.isEmpty();
    }

    /** Runs a function that sees this context and nothing else; what it sets is gone after it. */
    public <T extends @Nullable Object> T call(Callable<T> function) throws Exception {
        return new Context.Snapshot(vars(), ForeignContext.of(headers)).call(function);
    }

    private Context.Vars vars() {
        if (values.isEmpty()) {
            return Context.Vars.NONE;
        }
        Map<ContextVar<?>, @Nullable Object> vars = new HashMap<>();
        values.forEach((name, value) -> vars.put(ContextVar.remote(name), value));
        return new Context.Vars(vars);
    }
}
