package dev.offloop.internal.monitor;

import dev.offloop.internal.jfr.Jfr;
import dev.offloop.internal.jfr.OffloadEvent;
import org.jspecify.annotations.Nullable;

/**
 * Times one call of a function on another thread.
 *
 * <p>Handed from the loop to that thread and back, so no two threads touch it at a time.
 */
public final class CallTiming {

    /** What is not known. */
    static final long UNKNOWN = -1;

    private final Site site;
    final long submitted = System.nanoTime();

    /** When the call had a thread, and when its function began, after a question about the processor. */
    long started;

    long begun;

    /** When the function had ended, and when the thread was done with the call. */
    long ended;

    long left;

    /** The time on a processor, or ready for one. */
    long processor = UNKNOWN;

    /** To be written at the end; null while nobody records. */
    private final @Nullable OffloadEvent event;

    private CpuUse.@Nullable OsThread thread;
    private @Nullable CpuUse before;

    CallTiming(Site site) {
        this.site = site;
        this.event = Jfr.isOn() ? new OffloadEvent() : null;
        if (event != null) {
            event.begin();
        }
    }

    /** The function begins. */
    public void starts() {
        started = System.nanoTime();
        begun = started;
        if (site.mayAskForProcessor(started) && !Thread.currentThread().isVirtual()) {
            thread = CpuUse.OsThread.current();
            before = thread == null ? null : thread.use();
            begun = System.nanoTime();
        }
    }

    /** The function has ended. */
    public void ends() {
        ended = System.nanoTime();
        left = ended;
        CpuUse before = this.before;
        if (thread != null && before != null) {
            CpuUse after = thread.use();
            if (after != null) {
                processor = after.runNanos() + after.delayNanos() - before.runNanos() - before.delayNanos();
            }
            left = System.nanoTime();
        }
    }

    /** The call has ended, with its function run, and the loop knows. */
    public void delivered(boolean failed) {
        site.record(this, System.nanoTime());
        OffloadEvent event = this.event;
        if (event != null && event.shouldCommit()) {
            event.site = site.name();
            event.executor = site.gauge().name();
            event.queued = started - submitted;
            event.run = ended - begun;
            event.outcome = failed ? "failed" : "succeeded";
            event.commit();
        }
    }
}
