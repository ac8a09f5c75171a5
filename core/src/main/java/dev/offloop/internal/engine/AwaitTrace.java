package dev.offloop.internal.engine;

import dev.offloop.internal.util.UserCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Appends the frames that awaited a failure to its stack trace, which has only those of the thread or task that failed.
 *
 * <pre>{@code
 * java.io.IOException: no such order
 *     at Orders.load(Orders.java:12)
 *     … the frames of a pool's thread
 *     at --- awaited by task checkout ---.await(Offloop)
 *     at Checkout.price(Checkout.java:34)
 *     at Checkout.lambda$main$0(Checkout.java:20)
 * }</pre>
 *
 * <ul>
 *   <li>The exception stays the same object, with its causes and suppressed exceptions. One without a writable stack
 *       trace stays as it is.
 *   <li>Each await between two tasks adds its frames once, and a trace has at most {@link #BOUNDARIES} of them: a
 *       future that failed may be awaited any number of times.
 * </ul>
 */
public final class AwaitTrace {

    static final int BOUNDARIES = 8;
    static final int FRAMES = 32;

    private static final String MARKER = "--- awaited by task ";

    private AwaitTrace() {}

    /** On the thread of the awaiting task. Never throws: what failed must not be masked. */
    @SuppressWarnings("CatchAndPrintStackTrace")
    public static void add(Throwable failure, LoopTask<?> awaiting) {
        try {
            StackTraceElement[] own = failure.getStackTrace();
            if (own != null) {
                addTo(failure, List.of(own), awaiting.name());
            }
        } catch (Throwable odd) { // its getStackTrace() or setStackTrace() is not Throwable's, or there is no memory
            return;
        }
    }

    private static void addTo(Throwable failure, List<StackTraceElement> own, String awaiting) {
        int boundaries = 0;
        for (StackTraceElement frame : own) {
            if (frame.getClassName().startsWith(MARKER)) {
                boundaries++;
            }
        }
        if (boundaries < BOUNDARIES) {
            List<StackTraceElement> added = new ArrayList<>(FRAMES + 1);
            added.add(new StackTraceElement(MARKER + awaiting + " ---", "await", "Offloop", -1));
            added.addAll(UserCode.here(FRAMES));
            append(failure, own, added);
        }
    }

    /** Appends frames to a trace that does not have them yet. */
    public static void append(Throwable failure, List<StackTraceElement> own, List<StackTraceElement> added) {
        if (Collections.indexOfSubList(own, added) < 0) {
            List<StackTraceElement> all = new ArrayList<>(own.size() + added.size());
            all.addAll(own);
            all.addAll(added);
            failure.setStackTrace(all.toArray(StackTraceElement[]::new));
        }
    }
}
