package dev.offloop.process.internal.util;

/** The logger of pools. In a class of its own, since finding a logger takes longer than most pools need to start. */
public final class Log {

    public static final System.Logger OFFLOOP = System.getLogger("dev.offloop");

    private Log() {}
}
