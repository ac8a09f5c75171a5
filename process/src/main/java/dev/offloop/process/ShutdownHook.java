package dev.offloop.process;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Ends the workers of the pools that are still open when the JVM ends in good order. */
final class ShutdownHook {

    private static final Set<Dispatcher> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> OPEN.forEach(Dispatcher::killAll), "offloop-processes-shutdown"));
    }

    private ShutdownHook() {}

    static void add(Dispatcher dispatcher) {
        OPEN.add(dispatcher);
    }

    static void remove(Dispatcher dispatcher) {
        OPEN.remove(dispatcher);
    }
}
