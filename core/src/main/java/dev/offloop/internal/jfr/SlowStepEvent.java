package dev.offloop.internal.jfr;

import java.util.List;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A step, or a whole turn, that the watchdog reports. Its stack is a field: the event is written by another thread. */
@Name("dev.offloop.SlowStep")
@Label("Slow Step")
@Category({"Offloop", "Event Loop"})
@Description("A step, or a turn of many steps, kept the event loop from others for longer than its threshold")
@StackTrace(false)
public final class SlowStepEvent extends Event {

    @Label("Event Loop")
    public @Nullable String loop;

    @Label("Task")
    public @Nullable String task;

    @Label("Whole Turn")
    public boolean wholeTurn;

    @Label("Time Blocked")
    @Timespan(Timespan.NANOSECONDS)
    public long blocked;

    @Label("Cause")
    public @Nullable String cause;

    @Label("Place")
    public @Nullable String place;

    @Label("Stack")
    public @Nullable String stack;

    /** The frames of a stack, a line each. */
    public static String text(List<StackTraceElement> stack) {
        var text = new StringBuilder();
        stack.forEach(frame -> text.append(frame).append('\n'));
        return text.toString();
    }
}
