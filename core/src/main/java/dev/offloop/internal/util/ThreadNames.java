package dev.offloop.internal.util;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Words for a thread that does not end when it should. */
public final class ThreadNames {

    private static final int FRAMES = 5;

    private ThreadNames() {}

    /** The thread's name, or for one without the kind and number that it has. */
    public static String name(Thread thread) {
        String name = thread.getName();
        return name.isEmpty() ? "virtual thread #" + thread.threadId() : "thread '" + name + "'";
    }

    /**
     * The thread's name and where it is, in one line: the user's frames, and the JDK's method that they called last.
     */
    public static String describe(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        int users = 0;
        while (users < stack.length && "java.base".equals(stack[users].getModuleName())) {
            users++;
        }
        int from = users == stack.length ? 0 : Math.max(0, users - 1);
        String where = Arrays.stream(stack)
                .skip(from)
                .limit(FRAMES)
                .map(StackTraceElement::toString)
                .collect(Collectors.joining(" < "));
        return name(thread) + " at " + (where.isEmpty() ? "an unknown place" : where);
    }
}
