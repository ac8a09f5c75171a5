package dev.offloop.process;

import dev.offloop.Async;
import dev.offloop.Task;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Waits as the caller can: a task of an event loop awaits, a thread blocks. */
final class Waits {

    private Waits() {}

    /**
     * Waits for the result of a call.
     *
     * @param <T> the result
     * @param call the call
     * @return the result
     * @throws CompletionException with a checked exception that the call failed with; an unchecked one is thrown as it
     *     is
     */
    static <T extends @Nullable Object> T resultOf(CompletableFuture<T> call) {
        if (Task.current() != null && !call.isDone()) {
            try {
                return Async.await(call);
            } catch (RuntimeException unchecked) {
                throw unchecked;
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        }
        try {
            return call.join();
        } catch (CompletionException e) {
            throw unchecked(e.getCause() == null ? e : e.getCause());
        }
    }

    /**
     * Throws what a call that has ended has failed with, if it has.
     *
     * @param call the call
     */
    static void throwFailureOf(CompletableFuture<?> call) {
        switch (call.state()) {
            case Future.State.FAILED -> throw unchecked(call.exceptionNow());
            case Future.State.CANCELLED -> throw new CancellationException("The call was cancelled");
            case SUCCESS, RUNNING -> {}
        }
    }

    private static RuntimeException unchecked(Throwable failure) {
        return switch (failure) {
            case CancellationException cancelled -> throw cancelled;
            case RuntimeException unchecked -> unchecked;
            case Error error -> throw error;
            default -> new CompletionException(failure);
        };
    }
}
