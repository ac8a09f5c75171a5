package dev.offloop.internal.engine;

import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.Errors;
import dev.offloop.internal.util.LockOwner;
import dev.offloop.internal.util.ThreadDump;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why a step does not end: whether its task waits for a monitor, or a lock of {@code java.util.concurrent},
 * that a suspended task of the same loop holds. Then the loop is blocked permanently: the first cannot go on before the
 * other has released it, and the other has no turn before the first has stopped.
 *
 * <p><b>Threads.</b> The loop's thread, which has nothing else to do while a step blocks, takes note of the tasks. The
 * rest takes files and locks, so a thread of its own does it, for which nothing waits.
 *
 * <p><b>Who owns what.</b> A monitor's owner is in the JDK's thread dump. The owner of a lock is not, and can be read
 * only where {@code java.util.concurrent.locks} is open; elsewhere all tasks that could be it are named.
 */
final class BlockedStepDiagnosis {

    /** The time after which a blocked step is diagnosed. */
    static final long BLOCKED_NANOS = 1_000_000_000;

    /** The number of threads from which a dump would take too long. */
    private static final int MANY = 10_000;

    private static final String ADVICE =
            "While a task awaits, others run on the same thread: hold a dev.offloop.sync.Lock across"
                    + " an await, not a monitor or a java.util.concurrent lock";

    private final LoopTask<?> blocked;
    private final Thread thread;
    private final Map<Long, LoopTask<?>> suspended = new HashMap<>();

    private BlockedStepDiagnosis(LoopTask<?> blocked, Thread thread) {
        this.blocked = blocked;
        this.thread = thread;
    }

    /** On the loop's thread, while it waits for a step to end. */
    static void diagnose(Loop loop) {
        LoopTask<?> running = loop.runningTask();
        Thread thread = running == null ? null : running.thread();
        if (running == null || thread == null || !blocks(thread)) {
            return;
        }
        var blockage = new BlockedStepDiagnosis(running, thread);
        for (LoopTask<?> task : loop.unfinishedTasks()) {
            Thread other = task.thread();
            if (other != null && other != thread) {
                blockage.suspended.put(other.threadId(), task);
            }
        }
        if (!blockage.suspended.isEmpty()) {
            Thread.ofPlatform().daemon().name("offloop-blockage").start(blockage::explain);
        }
    }

    private static boolean blocks(Thread thread) {
        return thread.getState() == Thread.State.BLOCKED || awaitedLock(thread) != null;
    }

    /** Latches and semaphores are synchronizers too, but have no owner. */
    private static @Nullable AbstractOwnableSynchronizer awaitedLock(Thread thread) {
        return LockSupport.getBlocker(thread) instanceof AbstractOwnableSynchronizer lock
                        && lock.getClass().getName().startsWith("java.util.concurrent.locks.")
                ? lock
                : null;
    }

    private void explain() {
        if (thread.getState() == Thread.State.BLOCKED) {
            ThreadDump dump = suspended.size() > MANY ? null : ThreadDump.take();
            String monitor = dump == null ? null : dump.awaitedBy(thread.threadId());
            if (dump == null) {
                suspect("a monitor");
            } else if (monitor != null) {
                report("the monitor " + monitor, dump.ownerOf(monitor));
            }
            return;
        }
        AbstractOwnableSynchronizer lock = awaitedLock(thread);
        if (lock != null) {
            String what = lock.getClass().getName() + "@" + Integer.toHexString(System.identityHashCode(lock));
            Thread owner = LockOwner.of(lock);
            if (owner == null) { // not to be known, or readers, of whom no lock keeps a list
                suspect(what);
            } else {
                report(what, owner.threadId());
            }
        }
    }

    /** Only a suspended task holds it permanently; a thread can still release it. */
    private void report(String what, @Nullable Long owner) {
        LoopTask<?> holder = owner == null ? null : suspended.get(owner);
        if (holder != null) {
            ErrorLog.error(Errors.of(
                    "The event loop is blocked permanently: " + waitsFor(what) + " that task " + holder.name()
                            + " holds, which awaits at " + place(holder) + ". " + ADVICE,
                    null));
        }
    }

    private void suspect(String what) {
        ErrorLog.warn("The event loop is blocked: " + waitsFor(what)
                + ". If one of these tasks holds it, that is permanent:\n"
                + TaskDump.of(List.copyOf(suspended.values())) + "\n" + ADVICE);
    }

    private String waitsFor(String what) {
        return "task " + blocked.name() + ", at " + place(blocked) + ", waits for " + what;
    }

    private static String place(LoopTask<?> task) {
        List<StackTraceElement> stack = task.stack();
        return stack.isEmpty() ? "an unknown place" : stack.getFirst().toString();
    }
}
