package dev.offloop.internal.util;

import java.security.ProtectionDomain;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/** Where in the user's code something is or was done: stacks without the frames of Offloop and the JDK on top. */
public final class UserCode {

    /** Made when it is used first: a worker that starts has no use for it, and it takes milliseconds. */
    private static final class Walker {
        static final StackWalker INSTANCE = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    }

    /** Where our classes come from: a jar for each module. */
    private static final Set<ProtectionDomain> OURS = new CopyOnWriteArraySet<>();

    private static final String OUR_PACKAGE = "dev.offloop.";

    static {
        OURS.add(UserCode.class.getProtectionDomain());
    }

    private UserCode() {}

    /** Says that a class, and all that come from the same place, are ours: for our other modules. */
    public static void excludeModuleOf(Class<?> type) {
        OURS.add(type.getProtectionDomain());
    }

    /** The user's frames of the calling thread, innermost first. */
    public static List<StackTraceElement> here() {
        return Walker.INSTANCE.walk(frames -> frames.filter(
                        frame -> !OURS.contains(frame.getDeclaringClass().getProtectionDomain()))
                .map(StackWalker.StackFrame::toStackTraceElement)
                .toList());
    }

    /**
     * Returns at most {@code limit} of the user's innermost frames of the calling thread, without the JDK's below the
     * last of them.
     */
    public static List<StackTraceElement> here(int limit) {
        List<StackTraceElement> frames = Walker.INSTANCE.walk(all -> all.filter(
                        frame -> !OURS.contains(frame.getDeclaringClass().getProtectionDomain()))
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

    /** A frame as it reads in a stack trace, without the class loader and the module. */
    public static String text(StackTraceElement frame) {
        String file = frame.getFileName() == null ? "Unknown Source" : frame.getFileName();
        String line = frame.getLineNumber() < 0 ? "" : ":" + frame.getLineNumber();
        return frame.getClassName() + "." + frame.getMethodName() + "(" + file + line + ")";
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
            return !OURS.contains(
                    Class.forName(name, false, UserCode.class.getClassLoader()).getProtectionDomain());
        } catch (ClassNotFoundException | LinkageError e) {
            return true;
        }
    }

    private static boolean isJdks(StackTraceElement frame) {
        String module = frame.getModuleName();
        return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
    }
}
