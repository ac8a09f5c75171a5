package dev.offloop.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A function on another thread, from the moment it is handed in until the loop knows of its end. */
@Name("dev.offloop.Offload")
@Label("Offloaded Function")
@Category({"Offloop", "Offload"})
@Description("A function on an executor's thread, until the loop knows of its end")
@StackTrace(false)
public final class OffloadEvent extends Event {

    @Label("Site")
    public @Nullable String site;

    @Label("Executor")
    public @Nullable String executor;

    @Label("Time Queued")
    @Timespan(Timespan.NANOSECONDS)
    public long queued;

    @Label("Time Run")
    @Timespan(Timespan.NANOSECONDS)
    public long run;

    @Label("Outcome")
    public @Nullable String outcome;
}
