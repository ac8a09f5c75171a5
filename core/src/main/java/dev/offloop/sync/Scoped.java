package dev.offloop.sync;

import dev.offloop.Coroutine;
import dev.offloop.internal.util.Durations;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What is acquired and released, and how not to forget the second. */
abstract sealed class Scoped permits Lock, Semaphore {

    /** So that an error of the body comes first, and one of the release after it goes with it. */
    private interface Held extends AutoCloseable {
        @Override
        void close();
    }

    Scoped() {}

    abstract void acquire();

    abstract boolean acquireBlocking(long nanos) throws InterruptedException;

    abstract void release();

    private <T extends @Nullable Object> T runAndRelease(Callable<T> body) throws Exception {
        try (Held _ = this::release) {
            return body.call();
        }
    }

    // ---- tasks

    /** Runs a body between {@code acquire} and {@code release}. */
    public final <T extends @Nullable Object> T with(Coroutine<T> body) throws Exception {
        acquire();
        return runAndRelease(body::run);
    }

    /** The void form of {@link #with(Coroutine)}. */
    public final void with(Coroutine.Action body) throws Exception {
        this.<@Nullable Void>with(() -> {
            body.run();
            return null;
        });
    }

    // ---- threads

    /**
     * Acquires it, and blocks the thread as long as that is not possible.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile; then it has acquired nothing
     * @throws IllegalStateException on an event loop, which must not be blocked; or, for a lock, if the thread holds it
     *     already
     */
    public final void acquireBlocking() throws InterruptedException {
        boolean _ = acquireBlocking(WaitQueue.FOR_EVER);
    }

    /** {@link #acquireBlocking()} for a time. False if the time was over before; then it has acquired nothing. */
    public final boolean acquireBlockingFor(Duration timeout) throws InterruptedException {
        return acquireBlocking(WaitQueue.nanos(timeout));
    }

    /** Runs a function between {@code acquireBlocking} and {@code release}, on the calling thread. */
    public final <T extends @Nullable Object> T withBlocking(Callable<T> function) throws Exception {
        acquireBlocking();
        return runAndRelease(function);
    }

    /** The void form of {@link #withBlocking(Callable)}. */
    public final void withBlocking(Coroutine.Action action) throws Exception {
        this.<@Nullable Void>withBlocking(() -> {
            action.run();
            return null;
        });
    }

    /**
     * {@link #withBlocking(Callable)} that waits for a time only.
     *
     * @throws TimeoutException if the time was over before; then the function has not run
     */
    public final <T extends @Nullable Object> T withBlocking(Duration timeout, Callable<T> function) throws Exception {
        if (!acquireBlockingFor(timeout)) {
            throw new TimeoutException(this + " could not be acquired within " + Durations.inWords(timeout));
        }
        return runAndRelease(function);
    }
}
