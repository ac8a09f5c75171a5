package dev.offloop.process;

/** Where the pool's messages go. In a class of its own, since finding a logger takes longer than most pools need to start. */
final class Log {

    static final System.Logger OFFLOOP = System.getLogger("dev.offloop");

    private Log() {}
}
