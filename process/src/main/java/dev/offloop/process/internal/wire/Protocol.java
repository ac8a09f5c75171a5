package dev.offloop.process.internal.wire;

/** Numbers that both sides have to agree on. */
public final class Protocol {

    /** The number of the initializer, which comes before all calls. */
    public static final long INITIALIZER = 0;

    /** How many bytes are read or written at a time. */
    public static final int BUFFER_SIZE = 256 * 1024;

    private Protocol() {}
}
