package dev.offloop.internal.engine;

import dev.offloop.internal.util.JdkInternals;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fiber whose virtual thread is carried by the loop's own thread.
 *
 * <p><b>Switching.</b> A virtual thread gives its scheduler the same {@code Runnable} every time it can run; running it
 * continues the virtual thread on the thread that runs it. {@link #suspend()} is a {@code Thread.yield()}: the
 * continuation leaves the carrier and is at once handed to the {@link LoopCarrier} again, where it waits until
 * {@link #resume()} runs it. Because the thread is yielded, not parked, a stray {@code unpark} or {@code interrupt}
 * cannot wake it early, and a yield that could not leave the carrier (pinned) is known on return: the fiber runs
 * although it was not resumed.
 *
 * <p><b>Blocking elsewhere.</b> Control came back, but the body did not suspend: it is parked in a lock or a sleep. The
 * thread that unparks it gives the continuation to the scheduler, from any thread, which wakes the loop to run it.
 *
 * <p><b>Children.</b> A virtual thread started inside the body inherits its scheduler. The first continuation that a
 * scheduler sees is the body's own, during {@code start()}; every other belongs to such a child (or to the JDK's socket
 * pollers) and goes to the JDK's default scheduler, also long after the loop has closed. A scheduler therefore lives as
 * long as its youngest child, and lets go of the body and the loop when the body has ended.
 */
final class CarriedFiber extends Fiber {

    private final LoopCarrier carrier = new LoopCarrier();
    private final Thread thread;
    private boolean started;

    /** Only touched by the loop and the body, which never run at the same moment. */
    private boolean suspended;

    CarriedFiber(String name, Runnable body) {
        this.thread = JdkInternals.builder(carrier)
                .name(name)
                .inheritInheritableThreadLocals(false)
                .unstarted(body);
    }

    @Override
    void resume() {
        suspended = false;
        carrier.loopThread = Thread.currentThread();
        if (!started) {
            started = true;
            thread.start();
        }
        do {
            if (!carrier.runnable) {
                waitWhileItBlocks();
            }
            carrier.runnable = false;
            carrier.body.run();
        } while (!suspended && thread.isAlive());
        if (!suspended) {
            carrier.letGo();
        }
    }

    /** The loop has nothing else to do then, and finds out once whether that can end. */
    private void waitWhileItBlocks() {
        long begin = System.nanoTime();
        boolean diagnosed = false;
        while (!carrier.runnable) {
            if (diagnosed) {
                Loop.parkLoop(this);
            } else if (System.nanoTime() - begin < BlockedStepDiagnosis.BLOCKED_NANOS) {
                Loop.parkLoop(this, BlockedStepDiagnosis.BLOCKED_NANOS);
            } else {
                diagnosed = true;
                BlockedStepDiagnosis.diagnose(Loop.current());
            }
        }
    }

    @Override
    @SuppressWarnings("ThreadPriorityCheck") // not a hint here: our scheduler decides what a yield means
    void suspend() {
        suspended = true;
        Thread.yield();
        if (suspended) {
            suspended = false;
            throw pinned();
        }
    }

    @Override
    Thread thread() {
        return thread;
    }

    private static final class LoopCarrier implements Executor {

        private static final Runnable NONE_YET = () -> {};
        private static final Runnable ENDED = () -> {};

        /** The body's continuation. Written on the loop's thread only: during {@code start()} and at the end. */
        volatile Runnable body = NONE_YET;

        volatile boolean runnable;

        /** Written by each resume, so that a loop may change its thread between two runs. */
        @Nullable
        Thread loopThread;

        @Override
        public void execute(Runnable continuation) {
            if (body == NONE_YET) {
                body = continuation;
            }
            if (continuation != body) {
                JdkInternals.defaultScheduler().execute(continuation);
                return;
            }
            runnable = true;
            Thread loop = loopThread;
            if (Thread.currentThread() != loop) {
                LockSupport.unpark(loop);
            }
        }

        void letGo() {
            body = ENDED;
            loopThread = null;
        }
    }
}
