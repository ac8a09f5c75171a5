package dev.offloop.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** What the loops and pools do, once a second. */
@Name("dev.offloop.Status")
@Label("Status")
@Category("Offloop")
@Description("What all event loops and process pools do, as JSON: the tool offloop shows it again")
@StackTrace(false)
public final class StatusEvent extends Event {

    @Label("JSON")
    public @Nullable String json;
}
