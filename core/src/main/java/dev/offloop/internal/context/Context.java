package dev.offloop.internal.context;

import dev.offloop.ContextVar;
import dev.offloop.internal.util.Sneaky;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The context variables of one piece of work: a task, a callback, an offloaded function, or a thread of the user's.
 *
 * <p>The values are an immutable map, so a {@link Snapshot} is a reference and a change is a new map in the same
 * context. The context itself hangs on the thread. A task has a virtual thread of its own; a callback and an offloaded
 * function borrow a thread, whose own context is put back after them.
 */
public final class Context {

    /** Null stands for an empty context, which is what nearly all work has. */
    private static final ThreadLocal<@Nullable Context> CURRENT = new ThreadLocal<>();

    private Vars vars;

    private Context(Vars vars) {
        this.vars = vars;
    }

    /** The thread's context, to be changed. */
    public static Context ofThread() {
        Context context = CURRENT.get();
        if (context == null) {
            context = new Context(Vars.NONE);
            CURRENT.set(context);
        }
        return context;
    }

    /** What the thread sees. */
    public static Vars vars() {
        Context context = CURRENT.get();
        return context == null ? Vars.NONE : context.vars;
    }

    public Vars current() {
        return vars;
    }

    public void change(Vars vars) {
        this.vars = vars;
    }

    /** The values of variables. Few are set at a time, so that a change may copy them all. */
    public record Vars(Map<ContextVar<?>, @Nullable Object> values) {

        public static final Vars NONE = new Vars(Map.of());

        public boolean has(ContextVar<?> var) {
            return values.containsKey(var);
        }

        @Nullable
        public Object get(ContextVar<?> var) {
            return values.get(var);
        }

        public Vars with(ContextVar<?> var, @Nullable Object value) {
            Map<ContextVar<?>, @Nullable Object> changed = new HashMap<>(values);
            changed.put(var, value);
            return new Vars(changed);
        }

        public Vars without(ContextVar<?> var) {
            Map<ContextVar<?>, @Nullable Object> changed = new HashMap<>(values);
            changed.remove(var);
            return changed.isEmpty() ? NONE : new Vars(changed);
        }
    }

    /** A copy of a thread's context, ours and that of foreign libraries, to be seen by work elsewhere. */
    public record Snapshot(Vars vars, @Nullable ForeignContext foreign) {

        private static final Snapshot EMPTY = new Snapshot(Vars.NONE, null);

        public static Snapshot take() {
            Vars vars = Context.vars();
            ForeignContext foreign = ForeignContext.capture();
            return vars == Vars.NONE && foreign == null ? EMPTY : new Snapshot(vars, foreign);
        }

        /** Runs something in a context of its own that begins as this copy. */
        public <T extends @Nullable Object> T call(Callable<T> work) throws Exception {
            Context before = CURRENT.get();
            enter(before);
            try {
                return foreign == null ? work.call() : foreign.call(work);
            } finally {
                leave(before);
            }
        }

        /** As {@link #call}. */
        public void run(Runnable work) {
            try {
                call(Executors.callable(work));
            } catch (Exception e) { // the work's own, which is unchecked
                throw Sneaky.rethrow(e);
            }
        }

        private void enter(@Nullable Context before) {
            if (vars != Vars.NONE) {
                CURRENT.set(new Context(vars));
            } else if (before != null) {
                CURRENT.remove();
            }
        }

        private static void leave(@Nullable Context before) {
            if (before != null) {
                CURRENT.set(before);
            } else if (CURRENT.get() != null) {
                CURRENT.remove();
            }
        }
    }
}
