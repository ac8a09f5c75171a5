package dev.offloop.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** A worker process has become ready, or has ended. */
@Name("dev.offloop.WorkerProcess")
@Label("Worker Process")
@Category({"Offloop", "Process Pool"})
@Description("A worker process has become ready, or has ended")
@StackTrace(false)
public final class WorkerEvent extends Event {

    @Label("Pool")
    public @Nullable String pool;

    @Label("Process Id")
    public long pid;

    @Label("What")
    public @Nullable String what;
}
