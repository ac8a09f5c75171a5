package dev.offloop.sync;

import dev.offloop.Coroutine;
import dev.offloop.internal.util.Durations;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Acquires and releases around a body, so that no caller forgets the second. */
abstract sealed class Scoped permits Lock, Semaphore {

    /** Lets an error of the body come first, with an error of the release suppressed in it. */
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

    /**
     * Acquires, awaiting that if necessary, runs a body and releases.
     *
     * @param body runs in between
     * @param <T> the type of the result
     * @return the result of the body
     * @throws Exception the failure of the body
     * @throws dev.offloop.CancelledError if the task is cancelled while it waits; then the body has not run
     * @throws IllegalStateException if called outside of a task; or, for a lock, if the task holds it already
     */
    public final <T extends @Nullable Object> T with(Coroutine<T> body) throws Exception {
        acquire();
        return runAndRelease(body::run);
    }

    /**
     * Behaves as {@link #with(Coroutine)}, for a body that returns nothing.
     *
     * @param body runs in between
     * @throws Exception the failure of the body
     */
    public final void with(Coroutine.Action body) throws Exception {
        this.<@Nullable Void>with(() -> {
            body.run();
            return null;
        });
    }

    // ---- threads

    /**
     * Acquires, and blocks the thread while that is not possible.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile; then it has acquired nothing
     * @throws IllegalStateException on an event loop, which must not be blocked; or, for a lock, if the thread holds it
     *     already
     */
    public final void acquireBlocking() throws InterruptedException {
        boolean _ = acquireBlocking(WaitQueue.FOR_EVER);
    }

    /**
     * Acquires, and blocks the thread for a time while that is not possible.
     *
     * @param timeout the longest time to wait; zero or less does not wait
     * @return false if the time has expired; nothing was acquired
     * @throws InterruptedException if the thread is interrupted meanwhile; then it has acquired nothing
     * @throws IllegalStateException on an event loop, which must not be blocked; or, for a lock, if the thread holds it
     *     already
     */
    public final boolean acquireBlockingFor(Duration timeout) throws InterruptedException {
        return acquireBlocking(WaitQueue.nanos(timeout));
    }

    /**
     * Acquires, blocking the thread if necessary, runs a function and releases.
     *
     * @param function runs in between, on the calling thread
     * @param <T> the type of the result
     * @return the result of the function
     * @throws Exception the failure of the function; {@link InterruptedException} if the thread is interrupted while it
     *     waits
     * @throws IllegalStateException on an event loop, which must not be blocked; or, for a lock, if the thread holds it
     *     already
     */
    public final <T extends @Nullable Object> T withBlocking(Callable<T> function) throws Exception {
        acquireBlocking();
        return runAndRelease(function);
    }

    /**
     * Behaves as {@link #withBlocking(Callable)}, for a function that returns nothing.
     *
     * @param action runs in between, on the calling thread
     * @throws Exception the failure of the function; {@link InterruptedException} if the thread is interrupted while it
     *     waits
     */
    public final void withBlocking(Coroutine.Action action) throws Exception {
        this.<@Nullable Void>withBlocking(() -> {
            action.run();
            return null;
        });
    }

    /**
     * Behaves as {@link #withBlocking(Callable)}, and waits for a time only.
     *
     * @param timeout the longest time to wait; zero or less does not wait
     * @param function runs in between, on the calling thread
     * @param <T> the type of the result
     * @return the result of the function
     * @throws TimeoutException if the time has expired; then the function has not run
     * @throws Exception the failure of the function; {@link InterruptedException} if the thread is interrupted while it
     *     waits
     */
    public final <T extends @Nullable Object> T withBlocking(Duration timeout, Callable<T> function) throws Exception {
        if (!acquireBlockingFor(timeout)) {
            throw new TimeoutException(this + " could not be acquired within " + Durations.inWords(timeout));
        }
        return runAndRelease(function);
    }
}
