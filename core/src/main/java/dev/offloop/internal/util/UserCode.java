package dev.offloop.internal.util;

import java.security.ProtectionDomain;
import java.util.List;

/** Where in the user's code something is or was done: stacks without the frames of Offloop and the JDK on top. */
public final class UserCode {

    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final ProtectionDomain OURS = UserCode.class.getProtectionDomain();
    private static final String OUR_PACKAGE = "dev.offloop.";

    private UserCode() {}

    /** The user's frames of the calling thread, innermost first. */
    public static List<StackTraceElement> here() {
        return WALKER.walk(
                frames -> frames.filter(frame -> frame.getDeclaringClass().getProtectionDomain() != OURS)
                        .map(StackWalker.StackFrame::toStackTraceElement)
                        .toList());
    }

    /**
     * Returns at most {@code limit} of the user's innermost frames of the calling thread, without the JDK's below the
     * last of them.
     */
    public static List<StackTraceElement> here(int limit) {
        List<StackTraceElement> frames =
                WALKER.walk(all -> all.filter(frame -> frame.getDeclaringClass().getProtectionDomain() != OURS)
                        .limit(limit)
                        .map(StackWalker.StackFrame::toStackTraceElement)
                        .toList());
        int to = frames.size();
        while (to > 0 && isJdks(frames.get(to - 1))) {
            to--;
        }
        return frames.subList(0, to);
    }

    /** What is left of a stack from the user's innermost frame on, without those that every task begins with. */
    public static List<StackTraceElement> of(StackTraceElement[] stack) {
        int from = 0;
        while (from < stack.length && !isUsers(stack[from])) {
            from++;
        }
        int to = stack.length;
        while (to > from && !isUsers(stack[to - 1])) {
            to--;
        }
        return List.of(stack).subList(from, to);
    }

    private static boolean isUsers(StackTraceElement frame) {
        if (isJdks(frame)) {
            return false;
        }
        String name = frame.getClassName();
        if (!name.startsWith(OUR_PACKAGE)) {
            return true;
        }
        try { // our tests live in our packages
            return Class.forName(name, false, UserCode.class.getClassLoader()).getProtectionDomain() != OURS;
        } catch (ClassNotFoundException | LinkageError e) {
            return true;
        }
    }

    private static boolean isJdks(StackTraceElement frame) {
        String module = frame.getModuleName();
        return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
    }
}
