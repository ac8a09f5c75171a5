package dev.offloop;

import java.security.ProtectionDomain;
import java.util.List;

/** Where something was created: the stack of that moment, from the user's code on. Kept in debug mode. */
final class CreationSite {

    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final ProtectionDomain OURS = CreationSite.class.getProtectionDomain();

    private CreationSite() {}

    /** Innermost first. */
    static List<StackTraceElement> here() {
        return WALKER.walk(
                frames -> frames.filter(frame -> frame.getDeclaringClass().getProtectionDomain() != OURS)
                        .map(StackWalker.StackFrame::toStackTraceElement)
                        .toList());
    }
}
