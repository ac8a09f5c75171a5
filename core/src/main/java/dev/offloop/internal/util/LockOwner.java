package dev.offloop.internal.util;

import java.lang.reflect.Method;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the thread that holds a lock of {@code java.util.concurrent}. The method that returns it is protected, so this
 * works where {@code java.util.concurrent.locks} is open, by {@code --add-opens}.
 */
public final class LockOwner {

    private static final @Nullable Method OWNER = find();

    private LockOwner() {}

    private static @Nullable Method find() {
        try {
            Method owner = AbstractOwnableSynchronizer.class.getDeclaredMethod("getExclusiveOwnerThread");
            owner.setAccessible(true);
            return owner;
        } catch (ReflectiveOperationException | RuntimeException closed) {
            return null;
        }
    }

    /** Returns the owner; null if it cannot be found, or if no thread holds the lock exclusively. */
    public static @Nullable Thread of(AbstractOwnableSynchronizer lock) {
        try {
            return OWNER != null && OWNER.invoke(lock) instanceof Thread owner ? owner : null;
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }
}
