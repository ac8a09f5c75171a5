package dev.offloop.process.internal.pool;

import dev.offloop.internal.jfr.Jfr;
import dev.offloop.internal.jfr.WorkerCallEvent;
import dev.offloop.internal.jfr.WorkerEvent;
import dev.offloop.internal.monitor.Site;
import dev.offloop.internal.monitor.SiteTable;
import dev.offloop.internal.util.UserCode;
import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FunctionNames;
import dev.offloop.process.internal.wire.Values;
import org.jspecify.annotations.Nullable;

/**
 * The places in the program that submit calls, and how long those take, for the advice of the core.
 *
 * <p>A lambda is known by its shape, so that the wrappers that the pool puts around it do not hide it. Guarded by its
 * own monitor: submitters come before they take the pool's lock.
 */
final class CallSites {

    private final SiteTable table = new SiteTable(CallSites::origin);
    private final Pool pool;

    CallSites(Pool pool) {
        UserCode.excludeModuleOf(CallSites.class);
        this.pool = pool;
    }

    private static String origin(Object key) {
        return key instanceof byte[] description
                ? FunctionNames.origin(description)
                : SiteTable.originOf((Class<?>) key);
    }

    /** Counts a call. Returns its site; null if there are too many. */
    synchronized @Nullable Site submitted(Object function, Values.Written written) {
        Values.Shape shape = FunctionNames.given(written.shapes());
        Site site = table.of(shape == null ? function.getClass() : shape.description(), pool);
        if (site != null) {
            site.counts();
        }
        return site;
    }

    /** A worker has answered. */
    synchronized void answered(Call<?> call, Frame.Times times, long decodeNanos, long now) {
        Site site = call.site;
        if (Jfr.isOn()) {
            record(call, times, decodeNanos, now);
        }
        if (site != null) {
            site.recordRemote(
                    now - call.submitted, call.waited, times.run(), call.encodeNanos + times.transfer() + decodeNanos);
        }
    }

    private void record(Call<?> call, Frame.Times times, long decodeNanos, long now) {
        var event = new WorkerCallEvent();
        if (event.shouldCommit()) {
            event.pool = pool.name();
            event.site = call.site == null ? "" : call.site.name();
            event.pid = call.worker == null ? -1 : call.worker.pid();
            event.total = now - call.submitted;
            event.queued = call.waited;
            event.encode = call.encodeNanos;
            event.run = times.run();
            event.transfer = times.transfer();
            event.decode = decodeNanos;
            event.commit();
        }
    }

    /** A worker process has become ready, or has ended. */
    void worker(Worker worker, String what) {
        if (Jfr.isOn()) {
            var event = new WorkerEvent();
            event.pool = pool.name();
            event.pid = worker.pid();
            event.what = what;
            event.commit();
        }
    }

    /** The pool has ended. Not under the monitor, since the pool itself is asked what it does. */
    void close() {
        table.close();
    }
}
