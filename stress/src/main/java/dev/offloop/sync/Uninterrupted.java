package dev.offloop.sync;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Actors throw nothing, and are not interrupted. */
final class Uninterrupted {

    private Uninterrupted() {}

    static <T extends @Nullable Object> T call(Callable<T> blocking) {
        try {
            return blocking.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
