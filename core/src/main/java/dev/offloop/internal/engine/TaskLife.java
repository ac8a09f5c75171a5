package dev.offloop.internal.engine;

import dev.offloop.internal.jfr.TaskEvent;

/**
 * Writes the life of a task for the Flight Recorder. A class of its own, so that nothing of it is loaded without one.
 */
final class TaskLife {

    private TaskLife() {}

    static Object begin() {
        var event = new TaskEvent();
        event.begin();
        return event;
    }

    /** The task has ended. */
    static void end(Object begun, LoopTask<?> task) {
        TaskEvent event = (TaskEvent) begun;
        event.end();
        if (event.shouldCommit()) {
            event.loop = task.loop.threadName();
            event.task = task.name();
            event.creator = task.creator();
            event.outcome = task.cancelled() ? "cancelled" : task.failed() ? "failed" : "succeeded";
            event.commit();
        }
    }
}
