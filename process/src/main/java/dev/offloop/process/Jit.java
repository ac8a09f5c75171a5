package dev.offloop.process;

/**
 * How much a worker's JVM invests in compiling before it gets something back. A worker compiles for itself what other
 * workers have compiled too, on the processors that its calls need.
 *
 * @see ProcessPoolExecutor.Builder#jit
 */
public enum Jit {
    /**
     * For workers that live for seconds, or whose calls run much different code. Only the fast compiler is used. Calls
     * are as fast as they get within a second or so, but arithmetic in long loops takes two to three times as long as
     * it could.
     */
    QUICK,

    /** The optimizing compiler compiles what has been in use for long. The default. */
    BALANCED,

    /**
     * The JVM's own choice, which is made for servers: the optimizing compiler begins early. For calls that run the
     * same code for minutes, on a machine with processors to spare.
     */
    PEAK
}
