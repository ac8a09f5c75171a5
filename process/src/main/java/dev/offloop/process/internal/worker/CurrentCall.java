package dev.offloop.process.internal.worker;

import dev.offloop.CancelledError;
import dev.offloop.internal.util.UserCode;
import dev.offloop.process.internal.wire.Writing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The call that a worker runs, between the main thread, which runs it, and the control thread, which cancels it.
 *
 * <p>Both meet under one lock, so that the interrupt of a call that is cancelled reaches the function of that call and
 * no other. Interrupts that come from threads which a function has left behind are cleared between calls.
 *
 * <p>A worker process has one. A worker that is a thread has one too, for its own thread and those that it starts.
 */
public final class CurrentCall {

    /** A worker process has one main thread. In any other process nothing ever begins here. */
    private static final CurrentCall OF_PROCESS = new CurrentCall();

    /** Of workers that are threads: the threads that a function starts belong to the same call. */
    private static final InheritableThreadLocal<@Nullable CurrentCall> OF_THREAD = new InheritableThreadLocal<>();

    private static final long NONE = -1;
    private static final int MOST_FRAMES = 200;

    private final List<Runnable> listeners = new ArrayList<>();
    private @Nullable Thread main;
    private long id = NONE;
    private boolean stopped;

    /** Whether the thread dump of the call is on its way to the parent. */
    private boolean dumping;

    /** Which of the workers that live at a time this is; -1 in any other process. */
    private volatile int worker = -1;

    /** Set before the first call. */
    private @Nullable Writing writing;

    private CurrentCall() {}

    /** That of the worker to which the calling thread belongs. */
    public static CurrentCall here() {
        CurrentCall ofThread = OF_THREAD.get();
        return ofThread != null ? ofThread : OF_PROCESS;
    }

    /** Makes this process a worker. */
    static CurrentCall ofWorkerProcess(int index, Writing writing) {
        OF_PROCESS.writing = writing;
        OF_PROCESS.worker = index;
        return OF_PROCESS;
    }

    /** Makes the calling thread a worker. */
    static CurrentCall ofWorkerThread(int index, Writing writing) {
        var current = new CurrentCall();
        current.writing = writing;
        current.worker = index;
        OF_THREAD.set(current);
        return current;
    }

    /** How this worker writes what its functions send. */
    Writing writing() {
        return Objects.requireNonNull(writing, "runs outside of a worker");
    }

    /** Which of the workers that live at a time this is, from 0; -1 in any other process. */
    public int worker() {
        return worker;
    }

    /** Whether calls are run here. */
    public synchronized boolean inWorker() {
        return main != null;
    }

    /** Whether the call that runs is to end. */
    public synchronized boolean isStopped() {
        return stopped;
    }

    /** Throws if the call that runs is to end. */
    public void checkCancelled() {
        if (isStopped()) {
            throw new CancelledError("The call was cancelled, or its timeout has expired");
        }
    }

    /** Calls the listener when the call that runs is to end. */
    public void onStop(Runnable listener) {
        boolean now;
        synchronized (this) {
            now = stopped;
            if (!now && id != NONE) {
                listeners.add(listener);
            }
        }
        if (now) {
            listener.run();
        }
    }

    // ---- the main thread

    synchronized void begin(long call) {
        boolean _ = Thread.interrupted(); // before the call can be cancelled: this one is not for it
        main = Thread.currentThread();
        id = call;
    }

    /** Ends the call. Waits until its thread dump has been sent, which the parent takes only before the answer. */
    synchronized void end() {
        while (dumping) {
            try {
                wait();
            } catch (InterruptedException e) {
                // it was for the function
            }
        }
        id = NONE;
        stopped = false;
        listeners.clear();
        boolean _ = Thread.interrupted(); // it was for the function
    }

    // ---- the control thread

    /** Where all threads were when a call was asked to end, and who wants to hear of that. */
    record Stopped(String dump, List<Runnable> listeners) {

        void callListeners() {
            for (Runnable listener : listeners) {
                try {
                    listener.run();
                } catch (Throwable e) { // the others must be called too
                    report(e);
                }
            }
        }
    }

    private static void report(Throwable thrown) {
        Thread me = Thread.currentThread();
        try {
            me.getUncaughtExceptionHandler().uncaughtException(me, thrown);
        } catch (Throwable e) {
            // the handler is the user's too, and this thread must go on
        }
    }

    /**
     * Asks a call to end. Returns null if it does not run, or not any more; else the caller has to call
     * {@link #dumpSent}, for which the answer of the call waits.
     */
    synchronized @Nullable Stopped stop(long call) {
        Thread main = this.main;
        if (main == null || id != call) {
            return null;
        }
        String dump = dump(main);
        stopped = true;
        dumping = true;
        main.interrupt();
        return new Stopped(dump, List.copyOf(listeners));
    }

    /** Returns the user's frames where a call is, a line each; nothing if it does not run. */
    String frames(long call) {
        Thread main;
        synchronized (this) {
            main = id == call ? this.main : null;
        }
        return main == null
                ? ""
                : UserCode.of(main.getStackTrace()).stream()
                        .limit(MOST_FRAMES)
                        .map(UserCode::text)
                        .collect(Collectors.joining("\n"));
    }

    /** The worker is killed: the call that it runs is to end, if there is one. */
    synchronized void kill() {
        stopped = id != NONE; // else it would never be reset, and threads that outlive the worker may look at it
        Thread main = this.main;
        if (main != null) {
            main.interrupt();
        }
    }

    /** Lets the call end. */
    synchronized void dumpSent() {
        dumping = false;
        notifyAll();
    }

    private static String dump(Thread main) {
        var text = new StringBuilder();
        append(text, main, main.getStackTrace());
        for (Map.Entry<Thread, StackTraceElement[]> other :
                Thread.getAllStackTraces().entrySet()) {
            if (other.getKey() != main && other.getKey() != Thread.currentThread()) {
                append(text, other.getKey(), other.getValue());
            }
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Thread thread, StackTraceElement[] stack) {
        text.append('"')
                .append(thread.getName())
                .append("\" ")
                .append(thread.getState())
                .append('\n');
        for (int i = 0; i < Math.min(stack.length, MOST_FRAMES); i++) {
            text.append("\tat ").append(stack[i]).append('\n');
        }
    }
}
