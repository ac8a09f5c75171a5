package dev.offloop.internal.util;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Finds the handle of a field, whose absence would be a bug. */
public final class VarHandles {

    private VarHandles() {}

    /** The handle of the field {@code name} of the class that looks it up. */
    public static VarHandle find(MethodHandles.Lookup lookup, String name, Class<?> type) {
        try {
            return lookup.findVarHandle(lookup.lookupClass(), name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
