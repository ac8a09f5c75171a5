package dev.offloop;

import dev.offloop.internal.context.Context;
import dev.offloop.internal.engine.VoidForms;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A variable whose value belongs to the work that is under way, not to the thread: the request, the user, the trace.
 *
 * <pre>{@code
 * static final ContextVar<String> USER = new ContextVar<>("user", "nobody");
 *
 * USER.where("ada", () -> await(toThread(() -> audit(USER.get()))));   // "ada", on the pool's thread too
 * }</pre>
 *
 * <ul>
 *   <li>A task, a callback of the loop and an offloaded function start with a copy of what their creator saw at that
 *       moment. What they set is seen by themselves and by what they start, by nobody else.
 *   <li>The functions of {@code runInExecutor} get it on any executor of this JVM; those of worker processes get the
 *       {@linkplain #remote remote} ones.
 *   <li>Other threads have values of their own, none at first.
 *   <li>May be used from any thread; copying costs the same however many variables there are.
 * </ul>
 *
 * <p>Counterpart of {@code contextvars.ContextVar}.
 *
 * @param <T> the type of the value
 */
public final class ContextVar<T extends @Nullable Object> {

    private final String name;
    private final @Nullable T defaultValue;
    private final boolean hasDefault;
    private final boolean remote;

    /** A variable without a default. */
    public ContextVar(String name) {
        this(name, null, false, false);
    }

    /** A variable with a default. */
    public ContextVar(String name, T defaultValue) {
        this(name, defaultValue, true, false);
    }

    private ContextVar(String name, @Nullable T defaultValue, boolean hasDefault, boolean remote) {
        this.name = Objects.requireNonNull(name, "name");
        this.defaultValue = defaultValue;
        this.hasDefault = hasDefault;
        this.remote = remote;
    }

    /**
     * A variable whose value also goes along to worker processes, and so has to be serializable. There the name is all
     * that tells it from others: remote variables of one name are the same variable, so it should be like that of a
     * class.
     */
    public static <T extends @Nullable Object> ContextVar<T> remote(String name) {
        return new ContextVar<>(name, null, false, true);
    }

    /** {@link #remote(String)} with a default. */
    public static <T extends @Nullable Object> ContextVar<T> remote(String name, T defaultValue) {
        return new ContextVar<>(name, defaultValue, true, true);
    }

    boolean isRemote() {
        return remote;
    }

    /** The name, for people. */
    public String name() {
        return name;
    }

    /**
     * The value, or the default.
     *
     * @throws NoSuchElementException if it has neither
     */
    @SuppressWarnings({"unchecked", "NullAway"}) // only a T is ever set, and a default is a T even when it is null
    public T get() {
        Context.Vars vars = Context.vars();
        if (vars.has(this)) {
            return (T) vars.get(this);
        }
        if (!hasDefault) {
            throw new NoSuchElementException("The context variable '" + name + "' is not set here and has no default");
        }
        return defaultValue;
    }

    /** Whether it was set, here or where this work comes from. */
    public boolean isSet() {
        return Context.vars().has(this);
    }

    /** Sets the value for the rest of this work. The token takes it back. */
    public Token<T> set(T value) {
        Context context = Context.ofThread();
        var token = new Token<>(this, context, context.current());
        context.change(context.current().with(this, value));
        return token;
    }

    /**
     * Puts back what was there before a {@link #set}.
     *
     * @throws IllegalStateException if the token was used before
     * @throws IllegalArgumentException if it comes from another variable, or from another task or thread
     */
    public void reset(Token<T> token) {
        if (!token.var.equals(this)) {
            throw new IllegalArgumentException(
                    "The token is of the variable '" + token.var.name + "', not of '" + name + "'");
        }
        Context context = Context.ofThread();
        if (token.context != context) {
            throw new IllegalArgumentException("The token for '" + name + "' was made by another task or thread");
        }
        if (token.used) {
            throw new IllegalStateException("The token for '" + name + "' was used before");
        }
        token.used = true;
        context.change(
                token.before.has(this)
                        ? context.current().with(this, token.before.get(this))
                        : context.current().without(this));
    }

    /** Runs a body that sees {@code value}, and puts back what was there before. */
    public <R extends @Nullable Object> R where(T value, Coroutine<R> body) throws Exception {
        Token<T> token = set(value);
        try {
            return body.run();
        } finally {
            reset(token);
        }
    }

    /** The void form of {@link #where(Object, Coroutine)}. */
    public void where(T value, Coroutine.Action body) throws Exception {
        where(value, VoidForms.coroutine(body));
    }

    /** A variable is equal to itself only, but for {@linkplain #remote remote} ones of the same name. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (remote && other instanceof ContextVar<?> var && var.remote && name.equals(var.name));
    }

    @Override
    public int hashCode() {
        return remote ? name.hashCode() : System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return "ContextVar[" + name + "]";
    }

    /**
     * What {@link #set} changed. Counterpart of {@code contextvars.Token}.
     *
     * @param <T> the type of the value
     */
    public static final class Token<T extends @Nullable Object> {
        private final ContextVar<T> var;
        private final Context context;
        private final Context.Vars before;
        private boolean used;

        private Token(ContextVar<T> var, Context context, Context.Vars before) {
            this.var = var;
            this.context = context;
            this.before = before;
        }
    }
}
