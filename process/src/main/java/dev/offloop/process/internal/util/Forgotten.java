package dev.offloop.process.internal.util;

import java.lang.ref.Cleaner;

/** Notices what was dropped without being closed. Its thread starts with the first thing that is watched. */
public final class Forgotten {

    private static final Cleaner CLEANER = Cleaner.create(
            Thread.ofPlatform().daemon().name("offloop-forgotten").factory());

    private Forgotten() {}

    /**
     * Watches an object.
     *
     * @param object what should be closed
     * @param action runs once, when the object is closed by {@link Cleaner.Cleanable#clean} or found to be garbage. It
     *     must not refer to the object
     */
    public static Cleaner.Cleanable watch(Object object, Runnable action) {
        return CLEANER.register(object, action);
    }
}
