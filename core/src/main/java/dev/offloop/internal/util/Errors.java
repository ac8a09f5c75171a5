package dev.offloop.internal.util;

import dev.offloop.ErrorContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the reports of errors that belong to no task. */
public final class Errors {

    private Errors() {}

    /** Returns the report of an error. */
    public static ErrorContext of(String message, @Nullable Throwable exception) {
        return new ErrorContext(message, exception, null, null, List.of());
    }
}
