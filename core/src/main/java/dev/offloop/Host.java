package dev.offloop;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Somebody else's single thread, on which a loop takes its turns: Swing's, a Netty event loop's.
 *
 * <p><b>Turns.</b> {@link #wake()} asks the host for one, from any thread; {@code asked} keeps that to one request at a
 * time. A turn runs what is ready and then dozes: the next message, or the next timer, asks again. Between two turns the
 * host has its thread for itself.
 *
 * <p><b>Threads.</b> From its first turn on the host's thread counts as the loop's side at all times, so that a listener
 * of the host may call what only the loop's side may; it never runs at the same moment as a turn. Therefore the host must
 * not change its thread while the old one lives; a loop that finds itself on two ends with an error.
 *
 * <p><b>The end.</b> A host that refuses a turn has ended, and the loop with it. The one who is refused owns the loop at
 * that moment: he asked because no turn was under way and none was asked for.
 */
final class Host {

    private final Executor executor;
    private final AtomicBoolean asked = new AtomicBoolean();
    private final AtomicBoolean shutdown = new AtomicBoolean();
    private final AtomicBoolean over = new AtomicBoolean();
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    private @Nullable EventLoop loop;
    private @Nullable Thread thread;
    private volatile boolean inTurn;
    private volatile @Nullable Throwable refusal;

    /** When the timer thread will wake us, in {@link Nanos#elapsed()}. On the host's thread. */
    private long alarm = Long.MAX_VALUE;

    Host(Executor executor) {
        this.executor = executor;
    }

    void start(EventLoop loop) {
        this.loop = loop;
        wake();
    }

    /** From any thread: asks for a turn. */
    void wake() {
        if (asked.compareAndSet(false, true)) {
            try {
                executor.execute(this::turn);
            } catch (Throwable t) {
                refusal = t;
                if (!inTurn) {
                    giveUp(t);
                }
            }
        }
    }

    /** On the host's thread: asks for a turn at a time. */
    void wakeAt(long nanos) {
        long now = Nanos.elapsed();
        long when = Nanos.sum(now, Math.max(0, nanos));
        if (when < alarm) {
            alarm = when;
            CompletableFuture.delayedExecutor(when - now, TimeUnit.NANOSECONDS, Runnable::run)
                    .execute(this::wake);
        }
    }

    private void turn() {
        if (over.get()) {
            return;
        }
        EventLoop loop = loop();
        boolean outermost = !inTurn; // a modal dialog of the host's runs turns inside of one
        inTurn = true;
        try {
            takePossession(loop);
            asked.set(false);
            if (Nanos.elapsed() >= alarm) {
                alarm = Long.MAX_VALUE;
            }
            loop.takeTurn(this);
        } catch (IllegalStateException wrongThread) {
            refusal = wrongThread;
        }
        if (outermost) {
            inTurn = false;
            Throwable refusal = this.refusal;
            if (refusal != null) {
                giveUp(refusal);
            }
        }
    }

    private void takePossession(EventLoop loop) {
        Thread me = Thread.currentThread();
        if (me == thread) {
            return;
        }
        Thread before = thread;
        if (before != null && before.isAlive()) {
            throw new IllegalStateException("An event loop needs a single thread, but its executor ran it on "
                    + Stuck.name(before) + " and then on " + Stuck.name(me));
        }
        loop.settleOn(me);
        thread = me;
    }

    private void giveUp(Throwable why) {
        if (over.compareAndSet(false, true)) {
            if (!loop().closed()) {
                loop().abandon(why);
            }
            ended.complete(null);
        }
    }

    CompletableFuture<@Nullable Void> shutdown(Duration timeout) {
        if (shutdown.compareAndSet(false, true)) {
            new Closing(loop(), timeout, () -> ended.complete(null)).begin();
        }
        return ended.copy(); // which the caller may complete as he likes
    }

    private EventLoop loop() {
        if (loop == null) {
            throw new IllegalStateException("The loop has not started");
        }
        return loop;
    }
}
