package dev.offloop.process;

import dev.offloop.CancelledError;
import dev.offloop.process.internal.worker.CurrentCall;

/**
 * Lets a function that runs in a worker detect that its call is cancelled.
 *
 * <p>A call is cancelled by {@code cancel(true)} on its future, by a future that is completed otherwise, or by its
 * timeout:
 *
 * <ol>
 *   <li>The thread of the function is interrupted, {@link #checkCancelled} throws from now on, and the listeners of
 *       {@link #onCancel} are called.
 *   <li>If the function has not ended after {@link ProcessPoolExecutor.Builder#cancelGrace}, its process is killed.
 * </ol>
 *
 * <p><b>Debugging.</b> To debug a function from an IDE, there are two ways:
 *
 * <ul>
 *   <li>{@link ProcessPoolExecutor.Builder#inProcess} runs it on a thread of this JVM. Start the program or test in the
 *       debugger of the IDE, with a breakpoint in the function.
 *   <li>{@link ProcessPoolExecutor.Builder#debug}, or {@code -Doffloop.worker.debug} for all pools of a program, makes
 *       each worker listen for a debugger. The logger {@code dev.offloop} says which worker listens at which port of
 *       {@code localhost}; attach to it ("Remote JVM Debug" in IntelliJ IDEA, "Remote Java Application" in Eclipse).
 *       With {@code maxWorkers(1)} there is one. Nothing times out meanwhile.
 * </ul>
 *
 * <p>In processes that are no workers the methods do nothing, so code that uses them can be called from anywhere. All
 * of them may be called from any thread. {@link dev.offloop.Offload#checkCancelled} works on threads of this JVM too.
 */
public final class WorkerContext {

    private WorkerContext() {}

    /**
     * Returns whether this process is a worker.
     *
     * @return true in a worker that has been given a function or an initializer
     */
    public static boolean inWorker() {
        return CurrentCall.here().inWorker();
    }

    /**
     * Returns which of its pool's workers this is, so that each can have a GPU, a port or a folder of its own.
     *
     * <ul>
     *   <li>The number is from 0 to {@link ProcessPoolExecutor.Builder#maxWorkers maxWorkers} − 1. Of the workers of a
     *       pool that run functions, no two have the same, and a worker keeps its number until it ends.
     *   <li>A worker that takes the place of another gets the lowest number that no process of the pool has, also none
     *       that was retired or killed and has not ended yet. If there is none, it gets that of such a process, and
     *       both live for a moment. {@link ProcessPoolExecutor.Builder#environment(java.util.function.IntFunction)
     *       environment(byIndex)} makes it wait for the end of the other.
     *   <li>With {@linkplain ProcessPoolExecutor.Builder#spareWorkers spare workers} there are as many numbers more.
     *   <li>The worker of a {@link WorkerSession} has a number after all of these, which no other session of the pool
     *       has.
     * </ul>
     *
     * @return the number; -1 in a process that is no worker
     */
    public static int index() {
        return CurrentCall.here().worker();
    }

    /**
     * Throws {@link CancelledError} if the call that this worker runs is cancelled or has timed out; otherwise does
     * nothing.
     *
     * @throws CancelledError if the call is cancelled or has timed out
     */
    public static void checkCancelled() {
        CurrentCall.here().checkCancelled();
    }

    /**
     * Registers a listener for the cancellation of the call that this worker runs.
     *
     * <ul>
     *   <li>The listener is called on another thread than the function's, after the function's thread was interrupted.
     *       If the call is cancelled already, it is called at once, on the calling thread.
     *   <li>Listeners are called one after the other, in the order of their registration. What one throws goes to the
     *       uncaught exception handler, and the next one is called.
     *   <li>A listener is forgotten when the call ends.
     *   <li>Outside of a call this method does nothing.
     * </ul>
     *
     * @param listener called at most once
     */
    public static void onCancel(Runnable listener) {
        CurrentCall.here().onStop(listener);
    }
}
