package dev.offloop.internal.engine;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Words for tasks that wait: where each does, and for which others. On the loop's side. */
public final class TaskDump {

    private static final int MANY = 50;

    private TaskDump() {}

    /** A line for each. */
    public static String of(List<? extends LoopTask<?>> tasks) {
        String lines = tasks.stream().limit(MANY).map(TaskDump::line).collect(Collectors.joining("\n"));
        return tasks.size() <= MANY ? lines : lines + "\nand " + (tasks.size() - MANY) + " more";
    }

    private static String line(LoopTask<?> task) {
        return "task " + task.name() + " " + where(task) + whom(task);
    }

    private static String where(LoopTask<?> task) {
        List<StackTraceElement> stack = task.stack();
        if (task == task.loop.runningTask()) {
            return "runs" + (stack.isEmpty() ? "" : ", at " + stack.getFirst());
        }
        return stack.isEmpty() ? "has not begun" : "awaits at " + stack.getFirst();
    }

    /** For which tasks one waits: empty, or " for task A, task B". */
    static String whom(LoopTask<?> task) {
        Collection<? extends LoopFuture<?>> others = task.waitsFor();
        String names = others.stream()
                .filter(LoopTask.class::isInstance)
                .map(LoopFuture::what)
                .limit(MANY)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : " for " + names;
    }
}
