package dev.offloop.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A task, from its creation to its end. */
@Name("dev.offloop.Task")
@Label("Task")
@Category({"Offloop", "Event Loop"})
@Description("The life of a task, from its creation to its end")
@StackTrace(false)
public final class TaskEvent extends Event {

    @Label("Event Loop")
    public @Nullable String loop;

    @Label("Task")
    public @Nullable String task;

    @Label("Creator")
    public @Nullable String creator;

    @Label("Outcome")
    public @Nullable String outcome;
}
