package dev.offloop.internal.util;

/** Throws checked exceptions where the signature cannot name them. */
public final class Sneaky {

    private Sneaky() {}

    /** Throws {@code t} as it is. Never returns: {@code throw Sneaky.rethrow(t)} shows that to the compiler. */
    public static RuntimeException rethrow(Throwable t) {
        throw Sneaky.<RuntimeException>as(t);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X as(Throwable t) throws X {
        throw (X) t;
    }
}
