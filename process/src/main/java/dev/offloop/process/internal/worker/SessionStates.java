package dev.offloop.process.internal.worker;

import dev.offloop.process.SessionEndedException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The states of sessions, in the processes that keep them. Each is for the one thread that runs its functions. */
public final class SessionStates {

    /**
     * @param value the state
     * @param failure why there is none
     */
    private record State(@Nullable Object value, @Nullable Throwable failure) {}

    private static final Map<String, State> STATES = new ConcurrentHashMap<>();

    /** Set by a thread whose call makes a state, until that has ended. */
    private static final ThreadLocal<Boolean> OPENED = new ThreadLocal<>();

    private SessionStates() {}

    /** Makes the state of a session. A failure is kept for the functions that are on their way already. */
    public static void open(String session, Callable<?> function) throws Exception {
        OPENED.set(true);
        try {
            Object state = function.call();
            STATES.put(session, new State(state, null));
            if (CurrentCall.here().isStopped()) { // nobody waits for it any more, or will ever ask for it
                close(session);
                CurrentCall.here().checkCancelled();
            }
        } catch (Throwable failure) {
            STATES.put(session, new State(null, failure));
            throw failure;
        }
    }

    /** Whether the call of this thread that has ended made a state, which may go on using what was sent with it. */
    static boolean hasOpened() {
        boolean opened = OPENED.get() != null;
        if (opened) {
            OPENED.remove();
        }
        return opened;
    }

    /**
     * Returns the state of a session.
     *
     * @throws SessionEndedException if it could not be made
     */
    public static @Nullable Object of(String session) {
        State state = STATES.get(session);
        if (state == null) {
            throw new SessionEndedException("The session has ended before this function, and its state with it", null);
        }
        if (state.failure() != null) {
            throw notMade(state.failure());
        }
        return state.value();
    }

    /** Returns what the functions of a session fail with if its state could not be made. */
    public static SessionEndedException notMade(Throwable failure) {
        return new SessionEndedException(
                "The state of the session could not be made, so that it has ended: " + failure, failure);
    }

    /** The state of a session is not needed any more. */
    public static void forget(String session) {
        STATES.remove(session);
    }

    /** Ends a session in good order. */
    public static void close(String session) throws Exception {
        State state = STATES.remove(session);
        if (state != null && state.value() instanceof AutoCloseable closeable) {
            closeable.close();
        }
    }
}
