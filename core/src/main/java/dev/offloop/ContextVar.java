package dev.offloop;

import dev.offloop.internal.context.Context;
import dev.offloop.internal.engine.VoidForms;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Holds a value that belongs to the work that runs, not to the thread: the request, the user, the trace.
 *
 * <pre>{@code
 * static final ContextVar<String> USER = new ContextVar<>("user", "nobody");
 *
 * USER.where("ada", () -> await(toThread(() -> audit(USER.get()))));   // "ada", on the pool's thread too
 * }</pre>
 *
 * <ul>
 *   <li>A task, a callback of the loop and an offloaded function start with a copy of what their creator saw at that
 *       moment. What they set is seen by themselves and by what they start, and nowhere else.
 *   <li>The functions of {@code runInExecutor} receive it on any executor of this JVM; those of worker processes
 *       receive the {@linkplain #remote remote} ones.
 *   <li>Other threads have values of their own, none at first.
 *   <li>May be used from any thread; the cost of a copy does not depend on the number of variables.
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

    /**
     * Creates a variable without a default.
     *
     * @param name the name, for messages
     */
    public ContextVar(String name) {
        this(name, null, false, false);
    }

    /**
     * Creates a variable with a default.
     *
     * @param name the name, for messages
     * @param defaultValue the value where none is set
     */
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
     * Creates a variable whose value is also sent to worker processes, and so has to be serializable. There the name
     * identifies it: remote variables of one name are the same variable, so use a name that is as unique as that of a
     * class.
     *
     * @param name the name
     * @param <T> the type of the value
     * @return the variable
     */
    public static <T extends @Nullable Object> ContextVar<T> remote(String name) {
        return new ContextVar<>(name, null, false, true);
    }

    /**
     * Creates a variable as {@link #remote(String)}, with a default.
     *
     * @param name the name
     * @param defaultValue the value where none is set
     * @param <T> the type of the value
     * @return the variable
     */
    public static <T extends @Nullable Object> ContextVar<T> remote(String name, T defaultValue) {
        return new ContextVar<>(name, defaultValue, true, true);
    }

    boolean isRemote() {
        return remote;
    }

    /**
     * Returns the name.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Returns the value, or the default.
     *
     * @return the value
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

    /**
     * Returns whether the variable was set, here or where this work comes from.
     *
     * @return true if it has a value other than the default
     */
    public boolean isSet() {
        return Context.vars().has(this);
    }

    /**
     * Sets the value for the rest of this work.
     *
     * @param value the value
     * @return undoes it, given to {@link #reset}
     */
    public Token<T> set(T value) {
        Context context = Context.ofThread();
        var token = new Token<>(this, context, context.current());
        context.change(context.current().with(this, value));
        return token;
    }

    /**
     * Restores what was there before a {@link #set}.
     *
     * @param token what {@code set} has returned
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

    /**
     * Runs a body that sees {@code value}, and restores what was there before.
     *
     * @param value the value
     * @param body the body
     * @param <R> the type of the result
     * @return the result of the body
     * @throws Exception the failure of the body
     */
    public <R extends @Nullable Object> R where(T value, Coroutine<R> body) throws Exception {
        Token<T> token = set(value);
        try {
            return body.run();
        } finally {
            reset(token);
        }
    }

    /**
     * Behaves as {@link #where(Object, Coroutine)}, for a body that returns nothing.
     *
     * @param value the value
     * @param body the body
     * @throws Exception the failure of the body
     */
    public void where(T value, Coroutine.Action body) throws Exception {
        where(value, VoidForms.coroutine(body));
    }

    /**
     * Returns whether it is the same variable: a variable is equal to itself only, {@linkplain #remote remote} ones
     * also to those of the same name.
     */
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
     * Remembers what a {@link #set} has changed. Counterpart of {@code contextvars.Token}.
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
