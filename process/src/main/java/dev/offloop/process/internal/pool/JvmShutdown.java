package dev.offloop.process.internal.pool;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the open pools that the JVM shuts down.
 *
 * <p>All hooks of a JVM run at the same time, so a pool that ended its workers here would fail calls that other hooks
 * still wait for. The pools serve on instead, and their workers end when this process does.
 */
final class JvmShutdown {

    private static final Set<Pool> OPEN = ConcurrentHashMap.newKeySet();
    private static volatile boolean begun;

    static {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(JvmShutdown::begin, "offloop-processes-shutdown"));
        } catch (IllegalStateException shuttingDown) {
            begun = true;
        }
    }

    private JvmShutdown() {}

    private static void begin() {
        begun = true;
        OPEN.forEach(Pool::jvmShutsDown);
    }

    static void add(Pool pool) {
        OPEN.add(pool);
        if (begun) {
            pool.jvmShutsDown();
        }
    }

    static void remove(Pool pool) {
        OPEN.remove(pool);
    }
}
