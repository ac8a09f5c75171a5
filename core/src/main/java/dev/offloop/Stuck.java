package dev.offloop;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Words for a thread that does not end when it should. */
final class Stuck {

    private static final int FRAMES = 6;

    private Stuck() {}

    /** The thread's name and the top of its stack, in one line. */
    static String describe(Thread thread) {
        String where = Arrays.stream(thread.getStackTrace())
                .limit(FRAMES)
                .map(StackTraceElement::toString)
                .collect(Collectors.joining(" < "));
        return thread.getName() + " at " + (where.isEmpty() ? "an unknown place" : where);
    }
}
