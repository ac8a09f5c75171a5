package dev.offloop.internal.engine;

import dev.offloop.internal.util.VarHandles;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * A fiber that needs nothing but public API: the loop and the body are two virtual threads that pass a baton.
 *
 * <p>{@code baton} says whose turn it is. The body <i>offers</i> it when it suspends or ends, and the loop takes it;
 * the loop gives it back in {@link #resume()}. Each side waits in a loop on what it reads there, so a stray
 * {@code unpark} or {@code interrupt} is harmless.
 *
 * <p><b>Pinning.</b> A body that is pinned when it suspends parks its carrier. While another carrier is free, the loop
 * runs on it and all is well; when none is, neither side could wake the other. {@link StepWatch} sees an offer that is
 * not taken and withdraws it, and the suspension ends in an error. The offer is taken or withdrawn, never both: both
 * are a compare-and-set.
 */
final class PortableFiber extends Fiber {

    private static final int BODY = 0;
    private static final int OFFERED = 1;
    private static final int LOOP = 2;
    private static final int WITHDRAWN = 3;
    private static final VarHandle BATON = VarHandles.find(MethodHandles.lookup(), "baton", int.class);

    private final Loop loop;
    private final Thread thread;
    private boolean started;
    private volatile int baton = LOOP;
    private volatile boolean suspect;

    /** Written by the loop before it resumes the body. */
    private boolean refused;

    PortableFiber(Loop loop, String name, Runnable body) {
        this.loop = loop;
        this.thread = Thread.ofVirtual()
                .name(name)
                .inheritInheritableThreadLocals(false)
                .unstarted(() -> {
                    try {
                        body.run();
                    } finally {
                        offer();
                    }
                });
    }

    @Override
    void resume() {
        loop.resumed(this);
        baton = BODY;
        if (started) {
            LockSupport.unpark(thread);
        } else {
            started = true;
            thread.start();
        }
        while (!BATON.compareAndSet(this, OFFERED, LOOP)) {
            Loop.parkLoop(this);
            if (suspect) {
                suspect = false;
                BlockedStepDiagnosis.diagnose(loop);
            }
        }
    }

    /** From the watch: lets the loop, which waits in {@link #resume}, look at a step that does not end. */
    void suspect() {
        suspect = true;
        LockSupport.unpark(loop.thread());
    }

    @Override
    void suspend() {
        offer();
        boolean interrupted = false;
        int now;
        while ((now = baton) != BODY && now != WITHDRAWN) {
            LockSupport.park(this);
            // With the flag set, park would return at once each time; it is put back for the user's code.
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            thread.interrupt();
        }
        if (now == WITHDRAWN || refused) {
            refused = false;
            baton = BODY;
            throw pinned();
        }
    }

    /**
     * Unlike on the carried engine, a suspension works while another carrier is free, with a class half initialized.
     */
    @Override
    boolean mayBePinned() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(
                        frame -> frame.isNativeMethod() || frame.getMethodName().equals("<clinit>")));
    }

    @Override
    Thread thread() {
        return thread;
    }

    private void offer() {
        baton = OFFERED;
        LockSupport.unpark(loop.thread());
    }

    /** Whether the body has stopped and the loop has not noticed. */
    boolean offered() {
        return baton == OFFERED;
    }

    /** Whether the body waits to be resumed. */
    boolean suspended() {
        return baton == LOOP;
    }

    /** On the loop's thread, before {@link #resume}: lets the suspension end in an error. */
    void refuse() {
        refused = true;
    }

    /** Whether it is the body's turn, on which the loop waits. */
    boolean runs() {
        return baton == BODY;
    }

    /** From the watch: ends a suspension that keeps the loop from ever running. */
    void withdraw() {
        if (BATON.compareAndSet(this, OFFERED, WITHDRAWN)) {
            LockSupport.unpark(thread);
        }
    }
}
