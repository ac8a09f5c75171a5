package dev.offloop.internal.util;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Looks inside the JDK, as only {@link LockOwner} does beside it: it builds virtual threads with a scheduler of our
 * choice, and knows the JDK's own scheduler. Both are private to {@code java.lang}, so it works only where that package
 * is open.
 */
public final class JdkInternals {

    /** What the user has to add to the command line. */
    public static final String FLAG = "--add-opens java.base/java.lang="
            + (JdkInternals.class.getModule().isNamed()
                    ? JdkInternals.class.getModule().getName()
                    : "ALL-UNNAMED");

    public static final String UNKNOWN_JDK = "this JDK (" + System.getProperty("java.vm.name") + " " + Runtime.version()
            + ") does not build virtual threads with a scheduler in the way that Offloop knows";

    private static final @Nullable Access ACCESS = Access.find();

    private JdkInternals() {}

    /** Whether {@link #builder} can be used. */
    public static boolean open() {
        return ACCESS != null;
    }

    /** Whether the package is open, whatever is found there. */
    public static boolean isPackageOpen() {
        return Object.class.getModule().isOpen("java.lang", JdkInternals.class.getModule());
    }

    /** A builder of virtual threads that run where {@code scheduler} runs what it is given. */
    public static Thread.Builder.OfVirtual builder(Executor scheduler) {
        try {
            return access().builder.newInstance(scheduler);
        } catch (ReflectiveOperationException e) {
            throw failure(e);
        }
    }

    /** The scheduler that virtual threads have by default. */
    public static Executor defaultScheduler() {
        return access().scheduler;
    }

    private static Access access() {
        if (ACCESS == null) {
            throw new IllegalStateException("java.lang is not open to Offloop");
        }
        return ACCESS;
    }

    private static IllegalStateException failure(ReflectiveOperationException e) {
        Throwable cause = e instanceof InvocationTargetException i && i.getCause() != null ? i.getCause() : e;
        return new IllegalStateException("This JDK does not build virtual threads with a scheduler", cause);
    }

    private record Access(Constructor<? extends Thread.Builder.OfVirtual> builder, Executor scheduler) {

        static @Nullable Access find() {
            try {
                Constructor<? extends Thread.Builder.OfVirtual> builder = Class.forName(
                                "java.lang.ThreadBuilders$VirtualThreadBuilder")
                        .asSubclass(Thread.Builder.OfVirtual.class)
                        .getDeclaredConstructor(Executor.class);
                builder.setAccessible(true);
                Method scheduler = Class.forName("java.lang.VirtualThread").getDeclaredMethod("defaultScheduler");
                scheduler.setAccessible(true);
                return scheduler.invoke(null) instanceof Executor executor ? new Access(builder, executor) : null;
            } catch (ReflectiveOperationException | RuntimeException closed) {
                return null; // java.lang is not open, or another JDK: the portable engine takes over
            }
        }
    }
}
