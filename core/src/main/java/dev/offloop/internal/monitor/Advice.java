package dev.offloop.internal.monitor;

import dev.offloop.internal.util.LockOwner;
import dev.offloop.internal.util.ThreadDump;
import dev.offloop.internal.util.ThreadNames;
import dev.offloop.monitor.SlowStep;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;

/** Says what to do about a step that blocks, and who holds what it waits for. */
final class Advice {

    /** With more tasks a dump of all threads would itself take long. */
    private static final int FEW_TASKS = 10_000;

    private static final String UNKNOWN = "owner unknown";

    private Advice() {}

    static String of(SlowStep.Cause cause) {
        return switch (cause) {
            case SLEEP -> "Await sleep(…), which lets other tasks run";
            case IO -> "Offload the call: await(toThread(() -> …))";
            case LOCK, MONITOR -> "Use a dev.offloop.sync.Lock, or offload the section: await(toThread(() -> …))";
            case WAIT ->
                "Await it: await(…) takes any CompletionStage, and dev.offloop.sync has latches and queues for tasks;"
                        + " or offload the wait: await(toThread(() -> …))";
            case CPU -> "Offload it, await(toThread(() -> …)), or to a worker process; or call yieldNow() now and then";
            case CLASS_INIT -> "Initialize the class before, on a thread: await(toThread(() -> Class.forName(…)))";
        };
    }

    /** With the owner of the lock for which the sampled thread still waits. */
    static String withOwner(Sample sample, int taskCount) {
        SlowStep.Cause cause = sample.cause();
        String advice = of(cause);
        return switch (cause) {
            case LOCK -> "Owner of the lock: " + lockOwner(sample.thread()) + ". " + advice;
            case MONITOR -> "Owner of the monitor: " + monitorOwner(sample.thread(), taskCount) + ". " + advice;
            default -> advice;
        };
    }

    private static String lockOwner(Thread thread) {
        Thread owner =
                LockSupport.getBlocker(thread) instanceof AbstractOwnableSynchronizer lock ? LockOwner.of(lock) : null;
        return owner == null ? UNKNOWN : ThreadNames.name(owner);
    }

    private static String monitorOwner(Thread thread, int taskCount) {
        ThreadDump dump = taskCount > FEW_TASKS ? null : ThreadDump.take();
        String monitor = dump == null ? null : dump.awaitedBy(thread.threadId());
        String owner = dump == null || monitor == null ? null : dump.ownersName(monitor);
        return owner == null ? UNKNOWN : owner;
    }
}
