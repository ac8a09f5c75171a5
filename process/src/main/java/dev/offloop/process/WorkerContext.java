package dev.offloop.process;

import dev.offloop.CancelledError;
import dev.offloop.process.worker.CurrentCall;

/**
 * What a function can ask about its call, in the worker that runs it. Everywhere else the methods do nothing, so that code
 * which uses them can be called from anywhere.
 *
 * <p>A call that is cancelled with {@code cancel(true)}, or whose time is over, is first asked to end: its thread is
 * interrupted, {@link #checkCancelled} throws, and the listeners of {@link #onCancel} are called. If it has not ended
 * after {@link ProcessPoolExecutor.Builder#stopGrace}, its process is killed.
 */
public final class WorkerContext {

    private WorkerContext() {}

    /** Whether this is a worker process. */
    public static boolean inWorker() {
        return CurrentCall.INSTANCE.inWorker();
    }

    /**
     * Ends the function if nobody wants its result any more.
     *
     * @throws CancelledError if the call was cancelled or its time is over
     */
    public static void checkCancelled() {
        if (CurrentCall.INSTANCE.isStopped()) {
            throw new CancelledError("The call was cancelled, or its time is over");
        }
    }

    /** Calls a listener when the call is asked to end, on another thread than the function's; at once if it was already. */
    public static void onCancel(Runnable listener) {
        CurrentCall.INSTANCE.onStop(listener);
    }
}
