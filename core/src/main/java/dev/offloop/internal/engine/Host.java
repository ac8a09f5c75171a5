package dev.offloop.internal.engine;

import dev.offloop.internal.util.Alarm;
import dev.offloop.internal.util.ThreadNames;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Runs the turns of a loop on the single thread of a foreign executor, such as Swing's or a Netty event loop's.
 *
 * <p><b>Turns.</b> {@link #wake()} asks the host for one, from any thread; {@code asked} keeps that to one request at a
 * time. A turn runs what is ready and then idles: the next message, or the {@link Alarm} of the next timer, asks again.
 * Between two turns the host has its thread for itself. A modal dialog pumps the host's events inside of a turn; the
 * turns that it takes then are nested.
 *
 * <p><b>Threads.</b> After a turn the host's thread still counts as the loop's side, so that a listener of the host may
 * call what only the loop's side may; it never runs at the same moment as a turn. A host may replace its thread. One
 * that runs two turns at the same moment ends the loop with an error.
 *
 * <p><b>The end.</b> A host that refuses a turn has ended, and the loop with it. So has an {@link ExecutorService} that
 * is found terminated: it may have dropped the turn that it was asked for without an error.
 */
final class Host {

    private static final long CHECK_NANOS = 500_000_000;

    private final Executor executor;
    private final AtomicBoolean asked = new AtomicBoolean();
    private final AtomicBoolean shutdown = new AtomicBoolean();
    private final AtomicBoolean over = new AtomicBoolean();
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    private final Alarm alarm = new Alarm(this::wake);
    private final Alarm hostCheck = new Alarm(this::checkHost);
    private @Nullable Loop loop;

    /** The thread that is in a turn. */
    private volatile @Nullable Thread inTurn;

    private volatile @Nullable Throwable refusal;

    Host(Executor executor) {
        this.executor = executor;
    }

    void start(Loop loop) {
        this.loop = loop;
        wake();
        if (executor instanceof ExecutorService) {
            hostCheck.setIn(CHECK_NANOS);
        }
    }

    private void checkHost() {
        if (executor instanceof ExecutorService service && service.isTerminated()) {
            giveUp(new RejectedExecutionException("The host has been shut down: " + service));
        } else if (!over.get()) {
            hostCheck.setIn(CHECK_NANOS);
        }
    }

    /** From any thread: asks for a turn. */
    void wake() {
        if (asked.compareAndSet(false, true)) {
            try {
                executor.execute(this::turn);
            } catch (Throwable t) {
                refuse(t);
            }
        }
    }

    /** While a turn is under way its thread has the loop, and ends it afterwards. */
    private void refuse(Throwable why) {
        refusal = why;
        if (inTurn == null) {
            giveUp(why);
        }
    }

    /** On the host's thread: asks for a turn at a time. */
    void wakeAt(long nanos) {
        alarm.setIn(nanos);
    }

    private void turn() {
        Loop loop = loop();
        if (over.get() || loop.closed()) {
            return;
        }
        Thread me = Thread.currentThread();
        Thread other = inTurn;
        if (other != null && other != me) {
            refuse(new IllegalStateException("An event loop needs a single thread, but its executor ran it on "
                    + ThreadNames.name(other) + " and on " + ThreadNames.name(me) + " at the same time"));
            return;
        }
        inTurn = me;
        asked.set(false);
        if (other == me) {
            loop.nested();
        }
        try {
            loop.settleOn(me);
            loop.takeTurn(this);
        } catch (IllegalStateException wrongThread) {
            refusal = wrongThread;
        }
        if (other == null) {
            inTurn = null;
            endOfTurn(loop);
        }
    }

    private void endOfTurn(Loop loop) {
        Throwable refusal = this.refusal;
        if (refusal != null) {
            giveUp(refusal);
        } else if (loop.closed()) {
            over.set(true);
            end();
        }
    }

    private void giveUp(Throwable why) {
        if (over.compareAndSet(false, true)) {
            try {
                if (!loop().closed()) {
                    loop().abandon(why);
                }
            } finally {
                end();
            }
        }
    }

    private void end() {
        alarm.cancel();
        hostCheck.cancel();
        ended.complete(null);
    }

    CompletableFuture<@Nullable Void> shutdown(Duration timeout) {
        if (shutdown.compareAndSet(false, true)) {
            new Closing(loop(), timeout).begin();
        }
        return ended.copy(); // which the caller may complete as he likes
    }

    private Loop loop() {
        if (loop == null) {
            throw new IllegalStateException("The loop has not started");
        }
        return loop;
    }
}
