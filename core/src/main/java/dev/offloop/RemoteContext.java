package dev.offloop;

import dev.offloop.internal.context.Context;
import dev.offloop.internal.context.ForeignContext;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Holds the part of a caller's context that goes to another JVM: the {@linkplain ContextVar#remote remote} context
 * variables, and the headers that {@link dev.offloop.spi.ContextPropagator}s write. For those that implement a
 * {@link RemoteExecutor}.
 *
 * <ul>
 *   <li>{@link #capture} is for the thread that submits, {@link #call} for the process that runs the function. The
 *       executor brings the maps there.
 *   <li>The values are what the program has set, and may not be serializable.
 * </ul>
 *
 * @param values the values of the remote variables, by name
 * @param headers the headers, such as {@code traceparent} of W3C
 */
public record RemoteContext(Map<String, @Nullable Object> values, Map<String, String> headers) {

    /** Has no values and no headers. */
    public static final RemoteContext EMPTY = new RemoteContext(Map.of(), Map.of());

    /**
     * Captures what the calling thread has; for most programs that is empty, and costs little.
     *
     * @return the context
     */
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

    /**
     * Returns whether there is nothing to send.
     *
     * @return true without values and headers
     */
    public boolean isEmpty() {
        return values.isEmpty() && headers.isEmpty();
    }

    /**
     * Runs a function that sees this context and nothing else; what it sets is dropped afterwards.
     *
     * @param function the function
     * @param <T> the type of the result
     * @return the result of the function
     * @throws Exception the failure of the function
     */
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
