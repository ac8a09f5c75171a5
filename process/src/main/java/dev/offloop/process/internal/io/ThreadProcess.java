package dev.offloop.process.internal.io;

import dev.offloop.process.internal.util.Log;
import dev.offloop.process.internal.wire.WorkerBody;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A worker that is a thread, for those who expect a process.
 *
 * <p>Nothing can end a thread from outside. A worker that is killed is interrupted and hung up on, and has ended as far
 * as the pool is concerned; if its thread goes on, it is abandoned, and that is logged.
 */
final class ThreadProcess extends Process {

    private static final int SIGKILL = 128 + 9;
    private static final int SIGTERM = 128 + 15;
    private static final int FAILED = 1;

    /** After which a thread that was interrupted is said to go on. */
    private static final Duration TIME_TO_END = Duration.ofSeconds(1);

    private final String name;
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();

    // ---- guarded by this

    private @Nullable WorkerBody body;
    private @Nullable Thread thread;

    /** That has not begun. */
    ThreadProcess(String name) {
        this.name = name;
    }

    /** Begins, unless it was killed before. */
    synchronized void start(WorkerBody body) {
        if (isAlive()) {
            this.body = body;
            this.thread = Thread.ofPlatform().daemon().name(name).start(() -> run(body));
        }
    }

    private void run(WorkerBody body) {
        try {
            body.serve();
            exit.complete(0);
        } catch (Throwable e) {
            if (exit.complete(FAILED)) { // else it was killed, and this is what comes of that
                Log.OFFLOOP.log(System.Logger.Level.ERROR, "The worker thread '" + name + "' has failed", e);
            }
        }
    }

    // ---- for those who expect a process

    @Override
    public void destroy() {
        end(SIGTERM);
    }

    @Override
    public Process destroyForcibly() {
        end(SIGKILL);
        return this;
    }

    private void end(int code) {
        if (!exit.complete(code)) {
            return;
        }
        WorkerBody body;
        Thread thread;
        synchronized (this) {
            body = this.body;
            thread = this.thread;
        }
        if (body != null && thread != null) {
            body.kill();
            // A thread of its own: those of the common pool may all be blocked by the program.
            Thread.ofPlatform().daemon().name(name + "-end").start(() -> logUnlessEnded(thread));
        }
    }

    private static void logUnlessEnded(Thread thread) {
        try {
            if (thread.join(TIME_TO_END)) {
                return;
            }
        } catch (InterruptedException e) {
            return; // nobody knows this thread
        }
        StackTraceElement[] stack = thread.getStackTrace();
        if (thread.isAlive()) {
            Log.OFFLOOP.log(
                    System.Logger.Level.WARNING,
                    "The function of a worker that is a thread of this JVM (see Builder.inProcess) was interrupted and"
                            + " goes on. Java cannot end a thread, so it is abandoned; a process would have been"
                            + " killed. The thread '" + thread.getName() + "' is here:\n"
                            + Arrays.stream(stack).map(frame -> "\tat " + frame).collect(Collectors.joining("\n")));
        }
    }

    @Override
    public boolean isAlive() {
        return !exit.isDone();
    }

    @Override
    public int waitFor() throws InterruptedException {
        try {
            return exit.get();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new AssertionError("an end cannot fail", e);
        }
    }

    @Override
    public int exitValue() {
        if (isAlive()) {
            throw new IllegalThreadStateException("has not ended");
        }
        return exit.join();
    }

    @Override
    public long pid() {
        return ProcessHandle.current().pid();
    }

    @Override
    public OutputStream getOutputStream() {
        return OutputStream.nullOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return InputStream.nullInputStream();
    }

    @Override
    public InputStream getErrorStream() {
        return InputStream.nullInputStream();
    }
}
