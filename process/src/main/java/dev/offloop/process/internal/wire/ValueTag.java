package dev.offloop.process.internal.wire;

/** The byte before each value, which says how it is written. */
final class ValueTag {

    /** By JDK serialization, with all that it refers to. */
    static final byte STREAM = 0;

    static final byte NULL = 1;
    static final byte INT = 2;
    static final byte LONG = 3;
    static final byte DOUBLE = 4;
    static final byte BOOLEAN = 5;
    static final byte STRING = 6;
    static final byte BYTES = 7;
    static final byte LAMBDA = 8;

    /** The frame's body, as it is. */
    static final byte BODY = 9;

    /** An object that a lambda has captured, by JDK serialization. */
    static final byte OBJECT = 10;

    /** Such an object, in the frame's body. */
    static final byte OBJECT_BODY = 11;

    /** Written by the pool's codec. */
    static final byte CODED = 12;

    static final byte LIST = 13;

    /** Lists and lambdas inside of each other. More could overflow the stack of the reader. */
    static final int MAX_DEPTH = 1000;

    private ValueTag() {}
}
