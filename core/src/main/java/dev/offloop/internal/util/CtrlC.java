package dev.offloop.internal.util;

import org.jspecify.annotations.Nullable;

/**
 * What Ctrl-C means while a loop runs: the first one cancels the main task, a second one does what it did before, which
 * is to end the JVM at once.
 *
 * <p>As in asyncio only the program's main thread installs it: a loop that a server runs somewhere inside must not take
 * the signal from its host. {@code sun.misc.Signal} is the only way to receive a signal before the JVM begins to end.
 */
public final class CtrlC implements AutoCloseable {

    /** The launcher's name for it; its number differs between JDKs. */
    private static final String MAIN_THREAD = "main";

    private static final sun.misc.Signal INT = new sun.misc.Signal("INT");

    private final @Nullable Handler handler;

    private CtrlC(@Nullable Handler handler) {
        this.handler = handler;
    }

    public static boolean onMainThread() {
        return Thread.currentThread().getName().equals(MAIN_THREAD);
    }

    /** Installs it, if this is the main thread. {@link #close()} puts back what was there. */
    public static CtrlC calls(Runnable onFirst) {
        if (!onMainThread()) {
            return new CtrlC(null);
        }
        try {
            var handler = new Handler(onFirst);
            handler.next = sun.misc.Signal.handle(INT, handler);
            return new CtrlC(handler);
        } catch (IllegalArgumentException reserved) {
            return new CtrlC(null); // java -Xrs: the user wants no handlers
        }
    }

    /** Whether it has been pressed since. */
    public boolean pressed() {
        return handler != null && handler.first;
    }

    /** Whether the user wants the end at once. */
    public boolean pressedTwice() {
        return handler != null && handler.second;
    }

    @Override
    public void close() {
        if (handler != null) {
            sun.misc.Signal.handle(INT, handler.next);
        }
    }

    private static final class Handler implements sun.misc.SignalHandler {
        private final Runnable onFirst;
        private volatile sun.misc.SignalHandler next = SIG_DFL;
        private volatile boolean first;
        private volatile boolean second;

        Handler(Runnable onFirst) {
            this.onFirst = onFirst;
        }

        /** The JVM calls it on a thread of its own, a new one for each signal. */
        @Override
        public synchronized void handle(sun.misc.Signal signal) {
            if (first) {
                second = true;
                next.handle(signal);
            }
            first = true;
            onFirst.run();
        }
    }
}
