package dev.offloop.process;

import dev.offloop.process.internal.wire.RemoteFailure;
import java.io.ObjectInputFilter;
import java.io.ObjectInputFilter.FilterInfo;
import java.io.ObjectInputFilter.Status;

/**
 * Wraps a user's filter for what workers send, which need not know the {@linkplain OwnClasses classes} of Offloop's
 * messages.
 */
final class ResultFilter {

    private ResultFilter() {}

    static ObjectInputFilter around(ObjectInputFilter users) {
        return info -> isMessage(info) ? Status.ALLOWED : users.checkInput(info);
    }

    private static boolean isMessage(FilterInfo info) {
        Class<?> type = info.serialClass();
        if (type == StackTraceElement[].class) {
            return info.arrayLength() <= RemoteFailure.MAX_FRAMES;
        }
        return type != null && OwnClasses.IN_RESULTS.contains(type);
    }
}
