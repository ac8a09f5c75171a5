package dev.offloop.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A function in a worker process that was answered. */
@Name("dev.offloop.WorkerCall")
@Label("Call in a Worker")
@Category({"Offloop", "Process Pool"})
@Description("A function in a worker process: the wait for a worker, the function, and the transfer of values")
@StackTrace(false)
public final class WorkerCallEvent extends Event {

    @Label("Pool")
    public @Nullable String pool;

    @Label("Site")
    public @Nullable String site;

    @Label("Process Id")
    public long pid;

    @Label("Time in All")
    @Timespan(Timespan.NANOSECONDS)
    public long total;

    @Label("Time Queued")
    @Timespan(Timespan.NANOSECONDS)
    public long queued;

    @Label("Time to Write the Function")
    @Timespan(Timespan.NANOSECONDS)
    public long encode;

    @Label("Time Run")
    @Timespan(Timespan.NANOSECONDS)
    public long run;

    @Label("Time to Read the Function and Write the Result")
    @Timespan(Timespan.NANOSECONDS)
    public long transfer;

    @Label("Time to Read the Result")
    @Timespan(Timespan.NANOSECONDS)
    public long decode;
}
