package dev.offloop.process.internal.pool;

import dev.offloop.process.internal.wire.FrameTooLargeException;
import dev.offloop.process.internal.wire.FrameType;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.List;
import java.util.TreeMap;

/** What the checks read of the pool's private state. */
final class SimAccess {

    private static final VarHandle QUEUE_CALLS = field(CallQueue.class, "calls", CallsByPriority.class);
    private static final VarHandle SUBMITTERS = field(CallQueue.class, "submitters", ArrayDeque.class);
    private static final VarHandle PROMISED = field(CallQueue.class, "promised", int.class);
    private static final VarHandle LINES = field(CallsByPriority.class, "lines", TreeMap.class);
    private static final VarHandle PIPELINE_CALLS = field(Pipeline.class, "calls", ArrayDeque.class);
    private static final VarHandle ANSWERED = field(Pipeline.class, "answered", int.class);
    private static final VarHandle MEAN = field(Pipeline.class, "meanNanos", long.class);
    private static final VarHandle TAKEN = field(Mailbox.class, "taken", Mailbox.Taken.class);
    private static final VarHandle TO_LAUNCH = field(WorkerStarter.class, "toLaunch", ArrayDeque.class);
    private static final VarHandle WARM_UPS = field(WorkerStarter.class, "warmUps", List.class);
    private static final VarHandle DEEP = field(Dispatcher.class, "deepPipelines", int.class);
    private static final MethodHandle TOO_LARGE = tooLargeMaker();

    private SimAccess() {}

    private static VarHandle field(Class<?> owner, String name, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVarHandle(owner, name, type);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.toString(), e);
        }
    }

    private static MethodHandle tooLargeMaker() {
        try {
            return MethodHandles.privateLookupIn(FrameTooLargeException.class, MethodHandles.lookup())
                    .findConstructor(
                            FrameTooLargeException.class,
                            MethodType.methodType(void.class, long.class, long.class, FrameType.class, long.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.toString(), e);
        }
    }

    @SuppressWarnings("unchecked")
    static TreeMap<Integer, ArrayDeque<Call<?>>> lines(CallQueue queue) {
        return (TreeMap<Integer, ArrayDeque<Call<?>>>) LINES.get((CallsByPriority) QUEUE_CALLS.get(queue));
    }

    static ArrayDeque<?> submitters(CallQueue queue) {
        return (ArrayDeque<?>) SUBMITTERS.get(queue);
    }

    static int promised(CallQueue queue) {
        return (int) PROMISED.get(queue);
    }

    @SuppressWarnings("unchecked")
    static ArrayDeque<Call<?>> calls(Pipeline pipeline) {
        return (ArrayDeque<Call<?>>) PIPELINE_CALLS.get(pipeline);
    }

    static int answered(Pipeline pipeline) {
        return (int) ANSWERED.get(pipeline);
    }

    /** Makes a worker one whose calls were short so far: it gets several at once. */
    static void runsShortCalls(Worker worker) {
        MEAN.set(worker.pipeline, 20_000L);
    }

    /** Whether a run is about to read a frame, which may take long. */
    static boolean isReading(Job job) {
        return job instanceof Mailbox mailbox && TAKEN.get(mailbox) != null;
    }

    static ArrayDeque<?> toLaunch(WorkerStarter starter) {
        return (ArrayDeque<?>) TO_LAUNCH.get(starter);
    }

    static List<?> warmUps(WorkerStarter starter) {
        return (List<?>) WARM_UPS.get(starter);
    }

    static int deepPipelines(Dispatcher dispatcher) {
        return (int) DEEP.get(dispatcher);
    }

    static FrameTooLargeException tooLarge(long call) {
        try {
            return (FrameTooLargeException) TOO_LARGE.invokeExact(2L, 1L, FrameType.RESULT, call);
        } catch (Throwable e) {
            throw new LinkageError(e.toString(), e);
        }
    }
}
