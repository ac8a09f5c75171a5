package dev.offloop.process;

import dev.offloop.process.wire.Values;
import org.jspecify.annotations.Nullable;

/**
 * A call on its way to a worker, as it was when it was given to it. Whoever sends it may be late: the call may have been taken
 * back and have another number by then, but this one tells the worker that it is not to be begun.
 */
@SuppressWarnings("ArrayRecordComponent") // a message, never compared
record Outgoing(long number, Values.Written function, byte @Nullable [] context) {}
