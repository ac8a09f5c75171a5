package dev.offloop.process;

import dev.offloop.RemoteCallable;
import dev.offloop.process.internal.io.LaunchOptions;
import dev.offloop.process.internal.pool.PoolOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a pool, each of which is a pool of its own.
 *
 * <p>A session is one of them until its process has ended. Guarded by its own monitor, under which nothing is called
 * that waits or is foreign.
 */
final class Sessions {

    /** Pools without a bound have no more processes than that either. */
    private static final int MOST_PROCESSES = 1_000_000;

    private final LaunchOptions launch;
    private final PoolOptions options;
    private final Duration closeTimeout;
    private final int maxSessions;

    /** By their place among those that live at a time. */
    private final Map<Integer, ProcessSession<?>> living = new LinkedHashMap<>();

    private final BitSet places = new BitSet();
    private long opened;
    private boolean shutdown;

    /**
     * Makes the sessions of a pool.
     *
     * @param launch how the pool starts its workers
     * @param options the pool's options
     * @param closeTimeout how long the end of a session waits for its functions
     * @param maxSessions how many there are at a time
     */
    Sessions(LaunchOptions launch, PoolOptions options, Duration closeTimeout, int maxSessions) {
        this.launch = launch;
        this.options = options;
        this.closeTimeout = closeTimeout;
        this.maxSessions = maxSessions;
    }

    /**
     * Opens a session.
     *
     * @param <S> the state
     * @param callOptions those of the call that makes the state
     * @param state makes the state
     * @return the session
     * @throws RejectedExecutionException if there are too many, or the pool was shut down
     */
    <S extends @Nullable Object> WorkerSession<S> open(CallOptions callOptions, RemoteCallable<S> state) {
        ProcessSession.check(callOptions);
        Objects.requireNonNull(state, "state");
        int place;
        String name;
        synchronized (this) {
            checkOpen();
            dropEnded();
            place = places.nextClearBit(0);
            if (place >= maxSessions) {
                throw new RejectedExecutionException("The process pool '" + options.name() + "' has " + maxSessions
                        + " sessions open, which is all that it may have (see Builder.maxSessions): close one that is not"
                        + " needed any more");
            }
            places.set(place);
            name = options.name() + "-session-" + ++opened;
        }
        ProcessSession<S> session = null;
        try {
            session = make(place, name, callOptions, state);
            add(place, session);
            return session;
        } finally {
            if (session == null) {
                synchronized (this) {
                    places.clear(place);
                }
            }
        }
    }

    private <S extends @Nullable Object> ProcessSession<S> make(
            int place, String name, CallOptions callOptions, RemoteCallable<S> state) {
        var worker = new ProcessPoolExecutor(
                launch.ofSession(name),
                options.ofSession(name, Math.min(options.maxProcesses(), MOST_PROCESSES) + place),
                closeTimeout,
                0);
        return new ProcessSession<>(worker, callOptions, state);
    }

    private void add(int place, ProcessSession<?> session) {
        boolean late;
        synchronized (this) {
            living.put(place, session);
            late = shutdown;
        }
        var _ = session.worker().terminated().thenRun(() -> gone(place, session));
        if (late) { // shut down meanwhile
            session.worker().killWorkers();
            throw new RejectedExecutionException("The process pool '" + options.name() + "' has been shut down");
        }
    }

    private synchronized void checkOpen() {
        if (shutdown) {
            throw new RejectedExecutionException("The process pool '" + options.name() + "' has been shut down");
        }
    }

    private synchronized void gone(int place, ProcessSession<?> session) {
        if (living.remove(place, session)) {
            places.clear(place);
        }
    }

    /** Whoever has closed a session, or heard of its end, finds its place free, before others have heard of it. */
    private void dropEnded() {
        assert Thread.holdsLock(this);
        living.entrySet().removeIf(entry -> {
            boolean ended = entry.getValue().worker().isTerminated();
            if (ended) {
                places.clear(entry.getKey());
            }
            return ended;
        });
    }

    private synchronized List<ProcessSession<?>> all() {
        return List.copyOf(living.values());
    }

    // ---- the end, for the pool

    /** Takes no more sessions and functions. */
    void shutdown() {
        synchronized (this) {
            shutdown = true;
        }
        all().forEach(ProcessSession::shutdown);
    }

    /**
     * Cancels all functions and ends the processes.
     *
     * @param gently whether they may end in good order
     * @return the functions that waited
     */
    List<Runnable> shutdownNow(boolean gently) {
        synchronized (this) {
            shutdown = true;
        }
        List<Runnable> waiting = new ArrayList<>();
        all().forEach(session -> waiting.addAll(session.worker().shutdownNow(gently)));
        return waiting;
    }

    boolean areTerminated() {
        return all().stream().allMatch(session -> session.worker().isTerminated());
    }

    /**
     * Waits for the end of all processes.
     *
     * @param until when the wait ends, on the clock of {@code System.nanoTime()}
     * @return false if the time was over before
     * @throws InterruptedException if the calling thread is interrupted
     */
    boolean awaitTermination(long until) throws InterruptedException {
        for (ProcessSession<?> session : all()) {
            if (!session.worker().awaitTermination(Invocations.left(until), TimeUnit.NANOSECONDS)) {
                return false;
            }
        }
        return true;
    }

    Stream<CompletableFuture<?>> terminations() {
        return all().stream().map(session -> session.worker().terminated());
    }

    Stream<String> busy() {
        return all().stream().flatMap(session -> session.worker().busy());
    }
}
