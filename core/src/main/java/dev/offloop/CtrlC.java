package dev.offloop;

import org.jspecify.annotations.Nullable;

/**
 * What Ctrl-C means while a loop runs: the first one cancels the main task, a second one does what it did before, which
 * is to end the JVM at once.
 *
 * <p>As in asyncio only the program's main thread installs it: a loop that a server runs somewhere inside must not take
 * the signal from its host. {@code sun.misc.Signal} is the only way to hear a signal before the JVM begins to end.
 */
final class CtrlC implements AutoCloseable {

    /** The launcher's name for it; its number differs between JDKs. */
    private static final String MAIN_THREAD = "main";

    private static final sun.misc.Signal INT = new sun.misc.Signal("INT");

    private final sun.misc.@Nullable SignalHandler before;

    private CtrlC(sun.misc.@Nullable SignalHandler before) {
        this.before = before;
    }

    /** Installs it, if this is the main thread. {@link #close()} puts back what was there. */
    static CtrlC calls(Runnable onFirst) {
        if (!Thread.currentThread().getName().equals(MAIN_THREAD)) {
            return new CtrlC(null);
        }
        try {
            var handler = new Handler(onFirst);
            handler.next = sun.misc.Signal.handle(INT, handler);
            return new CtrlC(handler.next);
        } catch (IllegalArgumentException reserved) {
            return new CtrlC(null); // java -Xrs: the user wants no handlers
        }
    }

    @Override
    public void close() {
        if (before != null) {
            sun.misc.Signal.handle(INT, before);
        }
    }

    private static final class Handler implements sun.misc.SignalHandler {
        private final Runnable onFirst;
        private volatile sun.misc.SignalHandler next = SIG_DFL;
        private boolean second;

        Handler(Runnable onFirst) {
            this.onFirst = onFirst;
        }

        /** The JVM calls it on a thread of its own, a new one for each signal. */
        @Override
        public synchronized void handle(sun.misc.Signal signal) {
            if (second) {
                next.handle(signal);
            }
            second = true;
            onFirst.run();
        }
    }
}
