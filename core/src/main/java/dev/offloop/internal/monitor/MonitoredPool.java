package dev.offloop.internal.monitor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/** A pool of worker processes, as others see it. From any thread. */
public interface MonitoredPool extends Gauge.Gauged {

    /** Returns its workers. */
    List<MonitoredWorker> workers();

    /** Returns the pools of this JVM that have not been closed. */
    static List<MonitoredPool> all() {
        synchronized (Known.POOLS) {
            return new ArrayList<>(Known.POOLS.keySet());
        }
    }

    /** Shows a pool to those who look at this JVM. */
    static void add(MonitoredPool pool) {
        Known.POOLS.put(pool, true);
    }

    /** A pool has ended. */
    static void remove(MonitoredPool pool) {
        Known.POOLS.remove(pool);
    }

    /** The pools, which may be dropped without being closed. */
    final class Known {
        private static final Map<MonitoredPool, Boolean> POOLS = Collections.synchronizedMap(new WeakHashMap<>());

        private Known() {}
    }
}
